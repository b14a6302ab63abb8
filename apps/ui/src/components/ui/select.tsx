import { ChevronsUpDown } from "lucide-react";
import { cx } from "@/lib/cx";
import { FIELD } from "./input";

export interface SelectChoice<Value> {
  value: Value;
  label: string;
  disabled?: boolean;
}

interface SelectProps<Value> {
  value: Value;
  onChange(value: Value): void;
  choices: readonly SelectChoice<Value>[];
  /** Read aloud where no label stands beside it. */
  label?: string;
  id?: string;
  disabled?: boolean;
  className?: string;
}

/** One of several, shown when asked for: the browser's own list, which every hand and screen reader knows. */
export function Select<Value extends string | number | null>({
  value,
  onChange,
  choices,
  label,
  id,
  disabled = false,
  className,
}: SelectProps<Value>) {
  return (
    <span className={cx("relative block", className)}>
      <select
        {...(id === undefined ? {} : { id })}
        {...(label === undefined ? {} : { "aria-label": label })}
        disabled={disabled}
        value={choices.findIndex((choice) => choice.value === value)}
        onChange={(event) => {
          const chosen = choices[Number(event.target.value)];
          if (chosen) onChange(chosen.value);
        }}
        className={cx(FIELD, "select truncate pr-8 text-left select-none")}
      >
        {choices.map((choice, place) => (
          <option key={String(choice.value)} value={place} disabled={choice.disabled ?? false}>
            {choice.label}
          </option>
        ))}
      </select>
      <ChevronsUpDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-faint"
      />
    </span>
  );
}
