import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
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

/** One of several, shown when asked for. */
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
    <Base.Root
      items={choices as SelectChoice<Value>[]}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      disabled={disabled}
    >
      <Base.Trigger
        {...(id === undefined ? {} : { id })}
        {...(label === undefined ? {} : { "aria-label": label })}
        className={cx(FIELD, "flex items-center justify-between gap-2 pr-2 text-left select-none", className)}
      >
        <Base.Value className="min-w-0 truncate" />
        <Base.Icon className="text-faint">
          <ChevronsUpDown className="size-3.5" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner
          sideOffset={4}
          alignItemWithTrigger={false}
          className="z-50 outline-none select-none"
        >
          <Base.Popup className="pop max-h-(--available-height) min-w-(--anchor-width) overflow-y-auto rounded-large border border-hairline bg-raised p-1 text-text shadow-float outline-none">
            {choices.map((choice) => (
              <Base.Item
                key={String(choice.value)}
                value={choice.value}
                disabled={choice.disabled ?? false}
                className="flex h-7 cursor-default items-center gap-2 rounded-small pr-3 pl-2 outline-none max-sm:h-11 data-disabled:opacity-45 data-highlighted:bg-hover"
              >
                <span className="flex size-4 items-center justify-center">
                  <Base.ItemIndicator>
                    <Check className="size-4 text-accent-text" />
                  </Base.ItemIndicator>
                </span>
                <Base.ItemText>{choice.label}</Base.ItemText>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
