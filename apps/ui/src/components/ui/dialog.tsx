import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ComponentProps, type ReactNode, type RefObject, useRef } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/lib/cx";
import { IconButton } from "./icon-button";

interface DialogProps {
  open: boolean;
  onClose(): void;
  title: string;
  /** Beneath the title, where the title does not say it all. */
  description?: ReactNode;
  /** Where the caret stands at first; the first field otherwise. `dialog` where there is nothing to fill in. */
  initialFocus?: RefObject<HTMLElement | null> | "dialog";
  /** `small` for a question, `medium` for a form, `large` for a screen of its own. */
  size?: "small" | "medium" | "large";
  children: ReactNode;
  /** Buttons, the one that Enter presses last. */
  footer?: ReactNode;
  className?: string;
}

const WIDTHS = {
  small: "sm:w-105",
  medium: "sm:w-150",
  large: "sm:w-230 sm:h-[min(44rem,calc(100dvh-4rem))]",
};

/**
 * A window over the page. On a phone it is a sheet from the bottom edge. Focus stays in it and goes back to where it
 * was; Escape and a click beside it close it.
 */
export function Dialog({
  open,
  onClose,
  title,
  description,
  initialFocus,
  size = "small",
  children,
  footer,
  className,
}: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="veil fixed inset-0 z-40" />
        <Base.Viewport className="fixed inset-0 z-40 flex items-end justify-center sm:items-start sm:pt-[min(10vh,6rem)]">
          <Base.Popup
            ref={popup}
            initialFocus={initialFocus === "dialog" ? popup : (initialFocus ?? true)}
            className={cx(
              "sheet-or-dialog relative flex max-h-[92dvh] w-full flex-col overflow-hidden border border-hairline bg-raised text-text shadow-float outline-none",
              "rounded-t-large max-sm:border-b-0 sm:max-h-[calc(100dvh-min(10vh,6rem)-1.5rem)] sm:rounded-large",
              WIDTHS[size],
              className,
            )}
          >
            <header className="shrink-0 pt-4 pr-14 pl-5">
              <Base.Title className="text-large font-semibold">{title}</Base.Title>
              {description !== undefined && (
                <Base.Description className="mt-0.5 break-words text-muted">{description}</Base.Description>
              )}
            </header>
            {children}
            {footer !== undefined && <DialogFooter>{footer}</DialogFooter>}
            <DialogClose />
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

/** The part that scrolls. */
export function DialogBody({ className, ...rest }: ComponentProps<"div">) {
  return (
    <div {...rest} className={cx("min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 py-4", className)} />
  );
}

/** Where the buttons stand. */
export function DialogFooter({ className, ...rest }: ComponentProps<"footer">) {
  return (
    <footer
      {...rest}
      className={cx(
        "flex shrink-0 items-center justify-end gap-2 border-t border-hairline px-5 py-3 max-sm:pb-[max(0.75rem,env(safe-area-inset-bottom))]",
        className,
      )}
    />
  );
}

/** Last in the order of Tab, so that the first field gets the caret. */
function DialogClose() {
  const { t } = useTranslation("common");
  return (
    <Base.Close
      render={
        <IconButton label={t("close")} className="absolute top-2.5 right-2.5 max-sm:top-1 max-sm:right-1.5">
          <X />
        </IconButton>
      }
    />
  );
}
