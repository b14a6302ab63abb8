import { useEffect, useMemo, useRef, useState } from "react";
import { loadAllFinished, loadFinished, queryFinished, useEngine } from "@/stores/engine";
import { PAGE } from "@/stores/finished";
import { useUi } from "@/stores/ui";
import { useTransport } from "@/transport/context";
import { isLive, type Listing, listingOf, showsFinished } from "../listing";

/** Typing rests so long before the engine is asked. */
const SEARCH_RESTS_MS = 120;
/** Where rows are ordered by a figure that moves, they change places once in so long. */
const REORDER_EVERY_MS = 1000;
const RELOAD_AFTER_MS = 100;
/** A question that was not answered is asked again so much later. */
const RETRY_AFTER_MS = 2000;
/** Beyond it, finished downloads stay the latest first: all of them would have to be loaded for another order. */
export const MOST_ORDERED = 20_000;

/** What the list shows now; finished downloads are asked for as they are needed. */
export function useListing(): Listing {
  const rows = useEngine((state) => state.rows);
  const finished = useEngine((state) => state.finished);
  const view = useUi((state) => state.view);
  const search = useUi((state) => state.search);
  const sort = useUi((state) => state.sort);
  const beat = useBeat(isLive(sort.by));
  useFinishedQuery();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the beat says when moving figures are looked at again
  return useMemo(
    () => listingOf(rows, useEngine.getState().moving, finished, view, search.trim(), sort),
    [rows, finished, view, search, sort, beat],
  );
}

function useBeat(wanted: boolean): number {
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    const timer = setInterval(() => setBeat((before) => before + 1), REORDER_EVERY_MS);
    return () => clearInterval(timer);
  }, [wanted]);
  return beat;
}

/** Asks for the first page where the question changed, and anew where pages do not hold any more. */
function useFinishedQuery(): void {
  const transport = useTransport();
  const ready = useEngine((state) => state.ready && state.connection === "open");
  // What was never asked for is no list that does not hold any more.
  const stale = useEngine(({ finished }) => finished.stale && (finished.total !== null || finished.failed));
  const total = useEngine((state) => state.finished.total);
  const view = useUi((state) => state.view);
  const search = useUi((state) => state.search.trim());
  const ordered = useUi((state) => state.sort.by !== "order");
  const category = view.kind === "category" ? view.id : null;
  const wanted = ready && showsFinished(view);

  useEffect(() => {
    if (!wanted) return;
    const { query, total: known, failed: tried } = useEngine.getState().finished;
    if ((known !== null || tried) && query.search === search && query.category === category) return;
    const ask = () => void queryFinished(transport, { search, category });
    if (search === query.search) {
      ask();
      return;
    }
    const timer = setTimeout(ask, SEARCH_RESTS_MS);
    return () => clearTimeout(timer);
  }, [transport, wanted, search, category]);

  useEffect(() => {
    if (!wanted || !stale) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const reload = async () => {
      const loaded = useEngine.getState().finished.rows.filter((row) => row !== undefined).length;
      await loadFinished(transport, 0, Math.max(PAGE, loaded));
      if (!left) reloadSoon();
    };
    // Once it is not stale any more this effect is over; while things happen, it is asked for again and again.
    const reloadSoon = () => {
      const failed = useEngine.getState().finished.failed;
      timer = setTimeout(() => void reload(), failed ? RETRY_AFTER_MS : RELOAD_AFTER_MS);
    };
    reloadSoon();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [transport, wanted, stale]);

  useEffect(() => {
    // While the list does not hold, what is loaded beyond its first page is thrown away again.
    if (!wanted || !ordered || stale || total === null || total > MOST_ORDERED) return;
    let stays = true;
    void loadAllFinished(transport, () => stays);
    return () => {
      stays = false;
    };
  }, [transport, wanted, ordered, stale, total]);
}

/** So many rows before they are seen, their page is asked for. */
const LOADED_AHEAD = 60;

/** Loads the pages that a part of the list needs, and is about to. */
export function useHoles(listing: Listing, first: number, last: number): void {
  const transport = useTransport();
  const asked = useRef(new Set<number>());
  useEffect(() => {
    // The list as a whole is asked for again then.
    if (useEngine.getState().finished.failed) return;
    const from = Math.max(first - LOADED_AHEAD, listing.finishedFrom);
    const to = Math.min(last + LOADED_AHEAD, listing.total - 1);
    for (let index = from; index <= to; index++) {
      if (listing.at(index)) continue;
      const offset = Math.floor((index - listing.finishedFrom) / PAGE) * PAGE;
      if (asked.current.has(offset)) continue;
      asked.current.add(offset);
      void loadFinished(transport, offset, PAGE).finally(() => asked.current.delete(offset));
    }
  }, [transport, listing, first, last]);
}
