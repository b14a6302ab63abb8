import { cx } from "@/lib/cx";
import { keyLabels } from "@/lib/keys";

/** Keys to press, written `Mod+K`; `Mod` is Ctrl, or ⌘ on a Mac. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  return (
    <span className={cx("inline-flex gap-1", className)}>
      {keyLabels(keys).map((label) => (
        <kbd
          key={label}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded-[4px] border border-hairline bg-panel px-1 font-sans text-[11px] leading-none text-muted"
        >
          {label}
        </kbd>
      ))}
    </span>
  );
}
