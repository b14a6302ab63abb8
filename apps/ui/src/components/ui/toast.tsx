import { Toast as Base } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./icon-button";

/** How long something can be undone, and so how long it is offered. */
export const UNDO_MS = 10_000;
const SHOWN_MS = 5_000;

const manager = Base.createToastManager();
/** What the toasts that are shown offer, by subject: a key can do it too. */
const offered = new Map<string, () => void>();

interface ToastContent {
  /** One thing at a time is said of a subject: a newer word takes the older one's place. */
  subject: string;
  words: string;
  action?: { label: string; run(): void };
  /** `failure` is read aloud at once. */
  tone?: "news" | "failure";
  shownMs?: number;
}

/** Says something at the bottom of the page, without taking anything away. */
export function showToast({ subject, words, action, tone = "news", shownMs }: ToastContent): void {
  const act =
    action &&
    (() => {
      closeToast(subject);
      action.run();
    });
  if (act) offered.set(subject, act);
  else offered.delete(subject);
  manager.add({
    id: subject,
    title: words,
    type: tone,
    priority: tone === "failure" ? "high" : "low",
    timeout: shownMs ?? (action ? UNDO_MS : SHOWN_MS),
    onClose: () => {
      if (offered.get(subject) === act) offered.delete(subject);
    },
    ...(act ? { actionProps: { children: action.label, onClick: act } } : {}),
  });
}

/** What the toast of a subject offers, for as long as it is shown. */
export function offerOf(subject: string): (() => void) | undefined {
  return offered.get(subject);
}

/** Takes back what was said of a subject. */
export function closeToast(subject: string): void {
  offered.delete(subject);
  manager.close(subject);
}

/** Where toasts appear; once around the page. Two at most are seen. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider toastManager={manager} limit={2} timeout={SHOWN_MS}>
      {children}
      <Base.Portal>
        <Base.Viewport className="fixed bottom-12 left-1/2 z-60 flex w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 flex-col-reverse gap-2 outline-none">
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function Toasts() {
  const { toasts } = Base.useToastManager();
  const { t } = useTranslation("common");
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      swipeDirection={["down", "right"]}
      className="translate-x-(--toast-swipe-movement-x) translate-y-(--toast-swipe-movement-y) rounded-large border border-hairline bg-raised text-text shadow-float transition-[opacity,transform] duration-180 ease-out data-ending-style:opacity-0 data-limited:hidden data-starting-style:translate-y-4 data-starting-style:opacity-0"
    >
      <Base.Content className="flex min-h-11 items-center gap-2 py-1 pr-1.5 pl-4">
        {toast.type === "failure" && <span aria-hidden className="size-2 shrink-0 rounded-full bg-coral" />}
        <Base.Title className="line-clamp-2 min-w-0 flex-1 break-words" />
        {toast.actionProps && (
          <Base.Action className="h-8 shrink-0 rounded-small px-3 font-medium text-accent-text transition-colors duration-120 hover:bg-hover max-sm:h-11" />
        )}
        <Base.Close
          render={
            <IconButton label={t("dismiss")}>
              <X />
            </IconButton>
          }
        />
      </Base.Content>
    </Base.Root>
  ));
}
