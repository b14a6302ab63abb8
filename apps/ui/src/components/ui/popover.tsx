import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";
import { cx } from "@/lib/cx";

interface PopoverProps {
  trigger: ReactElement<Record<string, unknown>>;
  /** Read aloud. */
  title: string;
  align?: "start" | "center" | "end";
  side?: "top" | "bottom";
  open?: boolean;
  onOpenChange?(open: boolean): void;
  children: ReactNode;
  className?: string;
}

/** A small panel beside a button, for a choice that needs more than a menu. */
export function Popover({
  trigger,
  title,
  align = "start",
  side = "bottom",
  open,
  onOpenChange,
  children,
  className,
}: PopoverProps) {
  return (
    <Base.Root {...(open === undefined ? {} : { open })} onOpenChange={(next) => onOpenChange?.(next)}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={6} collisionPadding={8} className="z-50">
          <Base.Popup
            className={cx(
              "pop popover max-w-[calc(100vw-1rem)] rounded-large border border-hairline bg-raised text-text shadow-float outline-none",
              className,
            )}
          >
            <Base.Title className="sr-only">{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
