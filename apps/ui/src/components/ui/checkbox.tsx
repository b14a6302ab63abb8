import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check, Minus } from "lucide-react";
import { cx } from "@/lib/cx";

interface CheckboxProps {
  /** `mixed` where some of what it stands for are ticked. */
  checked: boolean | "mixed";
  onChange(checked: boolean): void;
  /** Read aloud where no label stands beside it. */
  label?: string;
  id?: string;
  disabled?: boolean;
  className?: string;
}

/** A tick. */
export function Checkbox({ checked, onChange, label, id, disabled = false, className }: CheckboxProps) {
  return (
    <Base.Root
      checked={checked === true}
      indeterminate={checked === "mixed"}
      onCheckedChange={onChange}
      disabled={disabled}
      {...(id === undefined ? {} : { id })}
      {...(label === undefined ? {} : { "aria-label": label })}
      className={cx(
        "relative inline-flex size-4 shrink-0 items-center justify-center rounded-[4px] border border-control bg-field transition-colors duration-120",
        "data-checked:border-accent data-checked:bg-accent data-indeterminate:border-accent data-indeterminate:bg-accent data-disabled:opacity-45",
        "max-sm:size-5 max-sm:before:absolute max-sm:before:-inset-3 max-sm:before:content-['']",
        className,
      )}
    >
      <Base.Indicator className="text-on-accent [&_svg]:size-3.5 [&_svg]:stroke-3">
        {checked === "mixed" ? <Minus /> : <Check />}
      </Base.Indicator>
    </Base.Root>
  );
}
