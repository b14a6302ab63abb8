import type { ComponentProps, ReactNode } from "react";
import { cx } from "@/lib/cx";
import { Tooltip } from "./tooltip";

interface IconButtonProps extends Omit<ComponentProps<"button">, "className" | "children"> {
  /** What it does: read aloud, and shown on hover. */
  label: string;
  /** The key that does the same, as [`Kbd`] takes it. */
  keys?: string;
  children: ReactNode;
  className?: string;
}

/** A button that is only an icon; it always has words for those who cannot guess it. */
export function IconButton({ label, keys, children, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip label={label} {...(keys === undefined ? {} : { keys })}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        className={cx(
          "icon-button inline-flex shrink-0 items-center justify-center rounded-small text-muted select-none",
          "transition-[background-color,color] duration-120 hover:bg-hover hover:text-text active:translate-y-px",
          "disabled:pointer-events-none disabled:opacity-45",
          "data-pressed:bg-hover data-pressed:text-text data-popup-open:bg-hover data-popup-open:text-text",
          className,
        )}
      >
        {children}
      </button>
    </Tooltip>
  );
}
