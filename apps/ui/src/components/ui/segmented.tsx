import { type ReactNode, useId } from "react";
import { cx } from "@/lib/cx";

interface SegmentedControlProps<Value extends string> {
  value: Value;
  onChange(value: Value): void;
  choices: readonly { value: Value; label: ReactNode; icon?: ReactNode }[];
  /** What is chosen; read aloud. */
  label: string;
  className?: string;
}

/** One of a few, all in sight. The browser's own radio buttons lie beneath: it knows their keys. */
export function SegmentedControl<Value extends string>(props: SegmentedControlProps<Value>) {
  const { value, onChange, choices, label, className } = props;
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className={cx("inline-flex rounded-small bg-track p-0.5", className)}
    >
      {choices.map((choice) => (
        <label
          key={choice.value}
          className={cx(
            "relative inline-flex h-7 flex-1 items-center justify-center gap-1.5 rounded-[5px] px-3 whitespace-nowrap text-muted transition-[background-color,color] duration-120 select-none max-sm:h-10 max-sm:min-w-11",
            "hover:text-text has-checked:bg-raised has-checked:font-medium has-checked:text-text has-checked:shadow-[0_1px_2px_oklch(0_0_0/0.18)] [&_svg]:size-4",
          )}
        >
          <input
            type="radio"
            name={name}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
            className="absolute inset-0 appearance-none rounded-[5px] max-sm:-inset-y-0.5"
          />
          {choice.icon}
          {choice.label}
        </label>
      ))}
    </div>
  );
}
