import { Minus, Plus } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
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
  "absolute inset-y-0 flex w-7 items-center justify-center text-faint transition-colors duration-120 hover:text-text disabled:opacity-35 max-sm:w-11 [&_svg]:size-3.5";
/** Longer figures are no counts of anything here. */
const MOST_DIGITS = 9;

/** A number, to type or to step. */
export function NumberField(props: NumberFieldProps) {
  const {
    value,
    onChange,
    least = 0,
    most = Number.MAX_SAFE_INTEGER,
    step = 1,
    label,
    id,
    placeholder,
    disabled = false,
    className,
  } = props;
  const { t } = useTranslation(["common", "check"]);
  // What is being typed: it may stand empty or out of bounds on its way to a figure.
  const [typed, setTyped] = useState<string | null>(null);
  const figure = typed === null ? value : typed === "" ? null : Number(typed);
  const isWithin = figure === null || (figure >= least && figure <= most);
  const clamp = (wanted: number) => Math.min(Math.max(wanted, least), most);

  const type = (text: string) => {
    const digits = text.replace(/\D/g, "").slice(0, MOST_DIGITS);
    setTyped(digits);
    if (digits === "") onChange(null);
    else if (Number(digits) === clamp(Number(digits))) onChange(Number(digits));
  };
  const stepBy = (by: number) => {
    setTyped(null);
    onChange(figure === null ? least : clamp(figure + by));
  };
  const leave = () => {
    // What is beyond the bounds becomes the bound; what was left empty is what it was.
    if (figure !== null && !isWithin) onChange(clamp(figure));
    setTyped(null);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowUp") stepBy(step);
    else if (event.key === "ArrowDown") stepBy(-step);
    else return;
    event.preventDefault();
  };

  return (
    <span className={cx("flex w-32 flex-col gap-1 max-sm:w-36", className)}>
      <span className="relative flex">
        <input
          type="text"
          inputMode="numeric"
          autoComplete="off"
          {...(id === undefined ? {} : { id })}
          {...(label === undefined ? {} : { "aria-label": label })}
          aria-invalid={!isWithin}
          placeholder={placeholder}
          disabled={disabled}
          value={typed ?? value ?? ""}
          onChange={(event) => type(event.target.value)}
          onBlur={leave}
          onKeyDown={press}
          className={cx(FIELD, "tabular px-8 text-center max-sm:px-11")}
        />
        <button
          type="button"
          tabIndex={-1}
          aria-label={t("decrease")}
          disabled={disabled || (figure !== null && figure <= least)}
          onClick={() => stepBy(-step)}
          className={cx(STEPPER, "left-0")}
        >
          <Minus aria-hidden />
        </button>
        <button
          type="button"
          tabIndex={-1}
          aria-label={t("increase")}
          disabled={disabled || (figure !== null && figure >= most)}
          onClick={() => stepBy(step)}
          className={cx(STEPPER, "right-0")}
        >
          <Plus aria-hidden />
        </button>
      </span>
      {!isWithin && (
        <span role="alert" className="text-center text-small text-coral-text">
          {t("check:bounds", { least, most })}
        </span>
      )}
    </span>
  );
}
