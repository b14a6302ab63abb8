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
/** Where it may take more of the page. */
const WIDE_SIDEBAR = "(min-width: 1280px)";
const SIDEBAR_PX = 176;
const SIDEBAR_WIDE_PX = 208;

/** How much of the page's width the sidebar takes now, beside the list. */
export function sidebarWidth_px(): number {
  if (matchMedia(NO_SIDEBAR).matches) return 0;
  return matchMedia(WIDE_SIDEBAR).matches ? SIDEBAR_WIDE_PX : SIDEBAR_PX;
}

/** The same, for what is drawn by it. */
export function useSidebarWidth(): number {
  useMedia(NO_SIDEBAR);
  useMedia(WIDE_SIDEBAR);
  return sidebarWidth_px();
}
