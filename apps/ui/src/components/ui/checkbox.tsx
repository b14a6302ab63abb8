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
    // biome-ignore lint/a11y/useSemanticElements: a native box can be mixed only by script, and not be drawn on
    <button
      type="button"
      role="checkbox"
      aria-checked={checked}
      disabled={disabled}
      onClick={() => onChange(checked !== true)}
      {...(id === undefined ? {} : { id })}
      {...(label === undefined ? {} : { "aria-label": label })}
      className={cx(
        "relative inline-flex size-4 shrink-0 items-center justify-center rounded-[4px] border text-on-accent transition-colors duration-120 disabled:opacity-45 [&_svg]:size-3.5 [&_svg]:stroke-3",
        checked === false ? "border-control bg-field" : "border-accent bg-accent",
        "max-sm:size-5 max-sm:before:absolute max-sm:before:-inset-3.25 max-sm:before:content-['']",
        className,
      )}
    >
      {checked === "mixed" ? <Minus aria-hidden /> : checked && <Check aria-hidden />}
    </button>
  );
}
