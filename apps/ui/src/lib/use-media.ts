import { useSyncExternalStore } from "react";

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}

/** One column, fingers: where neither sidebar nor table fit. */
export const NARROW = "(max-width: 639px)";
/** Where the sidebar is drawn over the list. */
export const NO_SIDEBAR = "(max-width: 859px)";
