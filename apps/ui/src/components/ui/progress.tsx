import { Progress as Base } from "@base-ui/react/progress";
import { cx } from "@/lib/cx";

interface ProgressProps {
  /** 0 to 1; none where it is not known how long it will take. */
  share: number | null;
  label: string;
  className?: string;
}

/** How far something is that has no range map. */
export function Progress({ share, label, className }: ProgressProps) {
  return (
    <Base.Root value={share} max={1} aria-label={label} className={cx("w-full", className)}>
      <Base.Track className="h-1 overflow-hidden rounded-full bg-track">
        <Base.Indicator className="h-full rounded-full bg-sea transition-[width] duration-150 data-indeterminate:w-1/3 data-indeterminate:animate-[seek_1.2s_ease-in-out_infinite]" />
      </Base.Track>
    </Base.Root>
  );
}
