import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { cx } from "@/lib/cx";
import { focusListIfLost } from "@/lib/focus-list";
import { IconButton } from "./icon-button";

/** How long something can be undone, and so how long it is offered. */
export const UNDO_MS = 10_000;
const SHOWN_MS = 5_000;
/** More at once would be a wall; the older ones stay offered and unseen. */
const MOST_SEEN = 2;

interface ToastContent {
  /** One thing at a time is said of a subject: a newer word takes the older one's place. */
  subject: string;
  words: string;
  action?: { label: string; run(): void };
  /** `failure` is read aloud at once. */
  tone?: "news" | "failure";
  shownMs?: number | "until_answered";
  /** Somebody closed it, or did what it offers. */
  onAnswer?(): void;
}

interface Shown extends ToastContent {
  /** Tells a newer word of a subject from the one before. */
  serial: number;
}

const useToasts = create<{ shown: readonly Shown[] }>()(() => ({ shown: [] }));
let serial = 0;

/** Says something at the bottom of the page, without taking anything away. */
export function showToast(toast: ToastContent): void {
  serial += 1;
  const newest = { ...toast, serial };
  useToasts.setState(({ shown }) => ({
    shown: [...shown.filter(({ subject }) => subject !== toast.subject), newest],
  }));
}

/** Says it in other words, in the same place: who is at it keeps it. */
export function changeWords(subject: string, words: string): void {
  useToasts.setState(({ shown }) => ({
    shown: shown.map((one) => (one.subject === subject ? { ...one, words } : one)),
  }));
}

/** What the toast of a subject offers, for as long as it is there: a key can do it too. */
export function offerOf(subject: string): (() => void) | undefined {
  const toast = useToasts.getState().shown.find((one) => one.subject === subject);
  return toast?.action && (() => act(toast));
}

/** Takes back what was said of a subject. */
export function closeToast(subject: string): void {
  useToasts.setState(({ shown }) => ({ shown: shown.filter((one) => one.subject !== subject) }));
  // Its button may have had the focus.
  requestAnimationFrame(focusListIfLost);
}

function act(toast: Shown): void {
  toast.action?.run();
  answer(toast);
}

function answer({ subject, onAnswer }: Shown): void {
  closeToast(subject);
  onAnswer?.();
}

/** Where toasts appear; once around the page. Two at most are seen. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <>
      {children}
      {createPortal(<Toasts />, document.body)}
    </>
  );
}

function Toasts() {
  const { t } = useTranslation("common");
  const shown = useToasts((state) => state.shown);
  return (
    <section
      aria-label={t("news")}
      aria-live="polite"
      className="pointer-events-none fixed bottom-12 left-1/2 z-60 flex w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 flex-col gap-2 max-sm:bottom-16"
    >
      {shown.map((toast, place) => (
        <Toast key={toast.serial} toast={toast} seen={place >= shown.length - MOST_SEEN} />
      ))}
    </section>
  );
}

function Toast({ toast, seen }: { toast: Shown; seen: boolean }) {
  const { t } = useTranslation("common");
  const { subject, words, action, tone = "news", shownMs = action ? UNDO_MS : SHOWN_MS } = toast;
  // While somebody is at it, it does not go away.
  const [held, setHeld] = useState(false);
  const left_ms = useRef(shownMs);
  useEffect(() => {
    const shown_ms = left_ms.current;
    if (held || shown_ms === "until_answered") return;
    const since_ms = performance.now();
    const timer = setTimeout(() => closeToast(subject), shown_ms);
    return () => {
      clearTimeout(timer);
      left_ms.current = shown_ms - (performance.now() - since_ms);
    };
  }, [held, subject]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: nothing is done by it; it only waits while somebody is at it
    <div
      role={tone === "failure" ? "alert" : undefined}
      hidden={!seen}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className={cx(
        "pointer-events-auto min-h-11 items-center gap-2 rounded-large border border-hairline bg-raised py-1 pr-1.5 pl-4 text-text shadow-float",
        "transition-[opacity,translate] duration-180 ease-out starting:translate-y-4 starting:opacity-0",
        seen && "flex",
      )}
    >
      {tone === "failure" && <span aria-hidden className="size-2 shrink-0 rounded-full bg-coral" />}
      <p className="line-clamp-2 min-w-0 flex-1 break-words">{words}</p>
      {action && (
        <button
          type="button"
          onClick={() => act(toast)}
          className="h-8 shrink-0 rounded-small px-3 font-medium text-accent-text transition-colors duration-120 hover:bg-hover max-sm:h-11"
        >
          {action.label}
        </button>
      )}
      <IconButton label={t("dismiss")} onClick={() => answer(toast)}>
        <X />
      </IconButton>
    </div>
  );
}
