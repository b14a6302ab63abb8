import type { ComponentProps, ReactNode } from "react";
import { cx } from "@/lib/cx";

/** How every field looks; 16 px on phones, or iOS zooms into it. */
export const FIELD =
  "field rounded-small border border-hairline bg-field text-text transition-[border-color,background-color] duration-120 " +
  "placeholder:text-faint hover:border-control focus-visible:border-transparent focus-visible:outline-offset-0 " +
  "aria-invalid:border-coral disabled:opacity-45";

interface InputProps extends Omit<ComponentProps<"input">, "className"> {
  /** Drawn in the field, before the words. */
  icon?: ReactNode;
  className?: string;
}

/** A line of text. */
export function Input({ icon, className, ...rest }: InputProps) {
  const input = (
    <input
      autoComplete="off"
      spellCheck={false}
      {...rest}
      className={cx(FIELD, icon !== undefined && "pl-8", icon === undefined && className)}
    />
  );
  if (icon === undefined) return input;
  return (
    <span className={cx("relative block", className)}>
      <span className="pointer-events-none absolute inset-y-0 left-2.5 flex items-center text-faint [&_svg]:size-4">
        {icon}
      </span>
      {input}
    </span>
  );
}
