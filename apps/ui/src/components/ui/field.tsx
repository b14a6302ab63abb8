import { type ReactNode, useId } from "react";
import { cx } from "@/lib/cx";

/** What ties a control to its label and to what is said of it. */
export interface FieldTies {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
}

interface FieldProps {
  label: ReactNode;
  /** What it does, in a line. */
  hint?: ReactNode;
  /** What is wrong with what stands there, in words. */
  error?: string | null | undefined;
  children(ties: FieldTies): ReactNode;
  className?: string;
}

/** A control beneath its label; the error takes the hint's place, so that nothing moves. */
export function Field({ label, hint, error, children, className }: FieldProps) {
  const id = useId();
  const said = error ?? hint;
  return (
    <div className={cx("flex min-w-0 flex-col gap-1", className)}>
      <label htmlFor={id} className="text-small text-muted">
        {label}
      </label>
      {children({
        id,
        ...(said ? { "aria-describedby": `${id}-said` } : {}),
        ...(error ? { "aria-invalid": true as const } : {}),
      })}
      {said && (
        <p id={`${id}-said`} className={cx("text-small", error ? "text-coral-text" : "text-faint")}>
          {said}
        </p>
      )}
    </div>
  );
}
