import { type RefObject, useCallback, useEffect, useMemo, useState } from "react";
import { flushSync } from "react-dom";

interface WindowOptions {
  scroller: RefObject<HTMLElement | null>;
  count: number;
  row_px: number;
  /** How much of the scroller something that sticks to its top covers. */
  covered_px?: number;
}

/** Which rows of a long list are to be drawn. */
export interface RowWindow {
  /** From the first up to, but without, the last. */
  indices: readonly number[];
  total_px: number;
  /** Whether it is being scrolled. */
  scrolls: boolean;
}

/** Drawn beyond both edges, so that nothing is empty while it is scrolled in. */
const OVERSCAN_ROWS = 5;
/** As long as nothing is measured: no list is higher than the page. What lies beyond comes after the first picture. */
const firstRows = (row_px: number) => Math.ceil(innerHeight / row_px);
const SCROLLING_RESTS_MS = 150;

/** The part of a list with rows of one height that can be seen: ten thousand rows cost as much as thirty. */
export function useWindow({ scroller, count, row_px, covered_px = 0 }: WindowOptions): RowWindow {
  const [seen, setSeen] = useState(() => ({ from: 0, to: firstRows(row_px), scrolls: false }));

  // Not before the picture: the scroller may be drawn by who is above, and is not there yet then.
  useEffect(() => {
    const { current: element } = scroller;
    if (!element) return;
    const look = (scrolls: boolean) => {
      const from = Math.floor((element.scrollTop - covered_px) / row_px) - OVERSCAN_ROWS;
      const rows = element.clientHeight > 0 ? Math.ceil(element.clientHeight / row_px) : firstRows(row_px);
      const to = from + rows + 1 + 2 * OVERSCAN_ROWS;
      setSeen((before) =>
        before.from === from && before.to === to && before.scrolls === scrolls
          ? before
          : { from, to, scrolls },
      );
    };
    let resting: ReturnType<typeof setTimeout>;
    const scrolled = () => {
      clearTimeout(resting);
      resting = setTimeout(() => look(false), SCROLLING_RESTS_MS);
      // Now, and not after the picture that shows where it was scrolled to: that would show a gap.
      flushSync(() => look(true));
    };
    look(false);
    element.addEventListener("scroll", scrolled, { passive: true });
    const observer = new ResizeObserver(() => look(false));
    observer.observe(element);
    return () => {
      clearTimeout(resting);
      element.removeEventListener("scroll", scrolled);
      observer.disconnect();
    };
  }, [scroller, row_px, covered_px]);

  const from = Math.min(Math.max(0, seen.from), count);
  const to = Math.min(Math.max(from, seen.to), count);
  const indices = useMemo(() => Array.from({ length: to - from }, (_, place) => from + place), [from, to]);
  return { indices, total_px: count * row_px, scrolls: seen.scrolls };
}

/** Brings a row of such a list into view, by no more than is needed. */
export function useScrollTo({
  scroller,
  row_px,
  covered_px = 0,
}: Omit<WindowOptions, "count">): (index: number) => void {
  return useCallback(
    (index) => {
      const { current: element } = scroller;
      if (!element) return;
      // What sticks to the top takes its place in the list's flow too: a row's own place lies beneath it.
      const top = index * row_px;
      const least = top + covered_px + row_px - element.clientHeight;
      if (element.scrollTop > top) element.scrollTop = top;
      else if (element.scrollTop < least) element.scrollTop = least;
    },
    [scroller, row_px, covered_px],
  );
}
