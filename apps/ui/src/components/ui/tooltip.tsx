import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";
import { Kbd } from "./kbd";

/** Tooltips that follow each other within it open without waiting. Once around the page. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider delay={500} closeDelay={0}>
      {children}
    </Base.Provider>
  );
}

interface TooltipProps {
  label: ReactNode;
  keys?: string;
  side?: "top" | "bottom" | "left" | "right";
  /** What it belongs to; it must take a ref and props. */
  children: ReactElement<Record<string, unknown>>;
}

/** Words on hover and focus. It never holds what is found nowhere else. */
export function Tooltip({ label, keys, side = "bottom", children }: TooltipProps) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} className="z-60">
          <Base.Popup className="pop flex max-w-72 items-center gap-2 rounded-small border border-hairline bg-raised px-2 py-1 text-small text-text shadow-float">
            {label}
            {keys !== undefined && <Kbd keys={keys} />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
