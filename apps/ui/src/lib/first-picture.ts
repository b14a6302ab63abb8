import { useSyncExternalStore } from "react";

/** After so long nobody waits for the first picture any more. */
const LATEST_MS = 300;

let past = false;
const told = new Set<() => void>();

/**
 * Whether the first picture is past. What nobody sees in it, as the machinery of closed menus, is made afterwards: it was a
 * third of the scripts' time until the list was there.
 */
export function useIsPastFirstPicture(): boolean {
  return useSyncExternalStore(subscribe, () => past);
}

/** To be called once the page is drawn. It is past a moment later, or as soon as the person moves. */
export function firstPictureDrawn(): void {
  if (past) return;
  const listened = new AbortController();
  const pass = () => {
    listened.abort();
    clearTimeout(timer);
    past = true;
    for (const tell of told) tell();
  };
  const timer = setTimeout(pass, LATEST_MS);
  // Before a press, and not with it: what is pressed must not be made anew until it is let go.
  for (const sign of ["pointermove", "keydown"])
    addEventListener(sign, pass, { capture: true, passive: true, signal: listened.signal });
}

function subscribe(tell: () => void): () => void {
  told.add(tell);
  return () => told.delete(tell);
}
