import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";
import { useIsPastFirstPicture } from "@/lib/first-picture";
import { Kbd } from "./kbd";

interface Said {
  label: ReactNode;
  keys: string | undefined;
  side: Side;
}

type Side = "top" | "bottom" | "left" | "right";

/** There is one tooltip, and whatever has words for it brings them. */
const shared = Base.createHandle<Said>();

/** Tooltips that follow each other within it open without waiting. Once around the page. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider delay={500} closeDelay={0}>
      {children}
      <Base.Root handle={shared}>
        {({ payload }) => (
          <Base.Portal>
            <Base.Positioner side={payload?.side ?? "bottom"} sideOffset={6} className="z-60">
              <Base.Popup className="pop flex max-w-72 items-center gap-2 rounded-small border border-hairline bg-raised px-2 py-1 text-small text-text shadow-float">
                {payload?.label}
                {payload?.keys !== undefined && <Kbd keys={payload.keys} />}
              </Base.Popup>
            </Base.Positioner>
          </Base.Portal>
        )}
      </Base.Root>
    </Base.Provider>
  );
}

interface TooltipProps {
  label: ReactNode;
  keys?: string;
  side?: Side;
  /** What it belongs to; it must take a ref and props. */
  children: ReactElement<Record<string, unknown>>;
}

/** Words on hover and focus. It never holds what is found nowhere else. */
export function Tooltip({ label, keys, side = "bottom", children }: TooltipProps) {
  if (!useIsPastFirstPicture()) return children;
  return <Base.Trigger handle={shared} payload={{ label, keys, side }} render={children} />;
}
