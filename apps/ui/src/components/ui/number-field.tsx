import { NumberField as Base } from "@base-ui/react/number-field";
import { Minus, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/lib/cx";
import { FIELD } from "./input";

interface NumberFieldProps {
  value: number | null;
  /** Called when a whole number within the bounds stands there, and with `null` when it was emptied. */
  onChange(value: number | null): void;
  least?: number;
  most?: number;
  step?: number;
  /** Read aloud where no label stands beside it. */
  label?: string;
  id?: string;
  placeholder?: string;
  disabled?: boolean;
  className?: string;
}

const STEPPER =
  "flex w-7 items-center justify-center text-faint transition-colors duration-120 hover:text-text data-disabled:opacity-35 max-sm:w-11 [&_svg]:size-3.5";

/** A number, to type or to step. */
export function NumberField(props: NumberFieldProps) {
  const {
    value,
    onChange,
    least,
    most,
    step = 1,
    label,
    id,
    placeholder,
    disabled = false,
    className,
  } = props;
  const { t, i18n } = useTranslation("common");
  // While a new figure is typed the field may stand empty, whether or not none is a value.
  const [emptied, setEmptied] = useState(false);
  return (
    <Base.Root
      value={emptied ? null : value}
      onValueChange={(next) => {
        setEmptied(next === null);
        onChange(next);
      }}
      onBlur={() => setEmptied(false)}
      {...(least === undefined ? {} : { min: least })}
      {...(most === undefined ? {} : { max: most })}
      {...(id === undefined ? {} : { id })}
      step={step}
      locale={i18n.language}
      disabled={disabled}
      className={cx("w-32", className)}
    >
      <Base.Group className="relative flex">
        <Base.Decrement aria-label={t("decrease")} className={cx(STEPPER, "absolute inset-y-0 left-0")}>
          <Minus />
        </Base.Decrement>
        <Base.Input
          {...(label === undefined ? {} : { "aria-label": label })}
          placeholder={placeholder}
          className={cx(FIELD, "tabular px-8 text-center max-sm:px-11")}
        />
        <Base.Increment aria-label={t("increase")} className={cx(STEPPER, "absolute inset-y-0 right-0")}>
          <Plus />
        </Base.Increment>
      </Base.Group>
    </Base.Root>
  );
}
