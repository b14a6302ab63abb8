import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/lib/cx";
import { IconButton } from "./icon-button";

interface SheetProps {
  open: boolean;
  onClose(): void;
  title: string;
  /** The edge that it grows from. */
  side: "left" | "bottom";
  /** Beside the button that closes it. */
  tools?: ReactNode;
  children: ReactNode;
}

const SIDES = {
  left: "inset-y-0 left-0 w-[min(20rem,85vw)] border-r data-starting-style:-translate-x-full data-ending-style:-translate-x-full",
  bottom:
    "inset-x-0 bottom-0 max-h-[92dvh] rounded-t-large border-t data-starting-style:translate-y-full data-ending-style:translate-y-full",
};

/** A panel over an edge of the page: the sidebar on a phone, details on a tablet. */
export function Sheet({ open, onClose, title, side, tools, children }: SheetProps) {
  const { t } = useTranslation("common");
  // Not the button that closes it: its words would lie over what the sheet shows.
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="veil fixed inset-0 z-40" />
        <Base.Popup
          ref={popup}
          initialFocus={popup}
          className={cx(
            "fixed z-40 flex flex-col border-hairline bg-panel text-text shadow-float outline-none transition-transform duration-180 ease-out",
            SIDES[side],
          )}
        >
          <header className="flex shrink-0 items-center justify-between gap-2 py-2 pr-2 pl-4">
            <Base.Title className="min-w-0 flex-1 text-large font-semibold wrap-anywhere">{title}</Base.Title>
            {tools}
            <Base.Close
              render={
                <IconButton label={t("close")}>
                  <X />
                </IconButton>
              }
            />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
