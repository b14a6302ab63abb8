import { cx } from "@/lib/cx";

interface SwitchProps {
  checked: boolean;
  onChange(checked: boolean): void;
  /** Read aloud where no label stands beside it. */
  label?: string;
  id?: string;
  disabled?: boolean;
  className?: string;
}

/** On or off, at once. */
export function Switch({ checked, onChange, label, id, disabled = false, className }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      disabled={disabled}
      onClick={() => onChange(!checked)}
      {...(id === undefined ? {} : { id })}
      {...(label === undefined ? {} : { "aria-label": label })}
      className={cx(
        "relative inline-flex h-5 w-8.5 shrink-0 items-center rounded-full p-0.5 transition-colors duration-150 disabled:opacity-45",
        checked ? "bg-accent" : "bg-control",
        // The finger's target is larger than what is drawn.
        "max-sm:before:absolute max-sm:before:-inset-3 max-sm:before:content-['']",
        className,
      )}
    >
      <span
        aria-hidden
        className={cx(
          "size-4 rounded-full bg-[oklch(1_0_0)] shadow-[0_1px_2px_oklch(0_0_0/0.3)] transition-transform duration-150 ease-out",
          checked && "translate-x-3.5",
        )}
      />
    </button>
  );
}
