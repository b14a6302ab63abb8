import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

interface SegmentedControlProps<Value extends string> {
  value: Value;
  onChange(value: Value): void;
  choices: readonly { value: Value; label: ReactNode; icon?: ReactNode }[];
  /** What is chosen; read aloud. */
  label: string;
  className?: string;
}

/** One of a few, all in sight. */
export function SegmentedControl<Value extends string>(props: SegmentedControlProps<Value>) {
  const { value, onChange, choices, label, className } = props;
  return (
    <RadioGroup
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      aria-label={label}
      className={cx("inline-flex rounded-small bg-track p-0.5", className)}
    >
      {choices.map((choice) => (
        <Radio.Root
          key={choice.value}
          value={choice.value}
          render={<button type="button" />}
          nativeButton
          className={cx(
            "inline-flex h-7 flex-1 items-center justify-center gap-1.5 rounded-[5px] px-3 whitespace-nowrap text-muted transition-[background-color,color] duration-120 select-none max-sm:h-10",
            "hover:text-text data-checked:bg-raised data-checked:font-medium data-checked:text-text data-checked:shadow-[0_1px_2px_oklch(0_0_0/0.18)] [&_svg]:size-4",
          )}
        >
          {choice.icon}
          {choice.label}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
