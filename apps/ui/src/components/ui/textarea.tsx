import type { ComponentProps } from "react";
import { cx } from "@/lib/cx";
import { FIELD } from "./input";

/** Several lines of text. It grows with them, up to its `max-h-…`. */
export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      autoComplete="off"
      spellCheck={false}
      {...rest}
      className={cx(FIELD, "field-area resize-none", className)}
    />
  );
}
