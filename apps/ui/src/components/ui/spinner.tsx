import { LoaderCircle } from "lucide-react";
import { cx } from "@/lib/cx";

/** Something is on its way, where it was asked for. */
export function Spinner({ label, className }: { label: string; className?: string }) {
  return (
    <span role="status" className={cx("inline-flex text-muted", className)}>
      <LoaderCircle aria-hidden className="size-4 animate-spin" />
      <span className="sr-only">{label}</span>
    </span>
  );
}
