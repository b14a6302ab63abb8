import { useSyncExternalStore } from "react";

const EVERY_MS = 1000;
let now_ms = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now_ms = Date.now();
    for (const changed of listeners) changed();
  }, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || !timer) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The time of day, rounded down to `step_ms`, so that what shows it is drawn only when it reads differently. */
export function useNow(step_ms: number): number {
  return useSyncExternalStore(subscribe, () => Math.floor(now_ms / step_ms) * step_ms);
}
