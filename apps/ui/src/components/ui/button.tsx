import type { ComponentProps, ReactNode } from "react";
import { cx } from "@/lib/cx";

/** `primary` once on a screen at most; `warning` and `danger` for what takes something away. */
export type ButtonLook = "primary" | "quiet" | "plain" | "warning" | "danger";

const LOOKS: Record<ButtonLook, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  quiet: "border border-hairline bg-raised text-text hover:bg-hover",
  plain: "text-muted hover:bg-hover hover:text-text",
  warning: "text-coral-text hover:bg-hover",
  danger: "bg-coral-solid text-on-coral hover:bg-coral-solid-hover",
};

interface ButtonProps extends Omit<ComponentProps<"button">, "className"> {
  look?: ButtonLook;
  /** Before the words. */
  icon?: ReactNode;
  className?: string;
}

/** A button with words on it. */
export function Button({ look = "quiet", icon, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={cx(
        "button inline-flex shrink-0 items-center justify-center gap-1.5 rounded-small font-medium whitespace-nowrap select-none",
        "transition-[background-color,color,transform] duration-120 active:translate-y-px",
        "disabled:pointer-events-none disabled:opacity-45 [&_svg]:size-4 [&_svg]:shrink-0",
        LOOKS[look],
        className,
      )}
    >
      {icon}
      {children}
    </button>
  );
}
