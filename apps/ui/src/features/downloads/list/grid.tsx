import {
  type DragEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { ContextMenu } from "@/components/ui/menu";
import type { DownloadId } from "@/generated";
import { focusListIfLost } from "@/lib/focus-list";
import { NARROW, NO_SIDEBAR, sidebarWidth_px, useMedia } from "@/lib/use-media";
import { useScrollTo } from "@/lib/use-window";
import { useEngine } from "@/stores/engine";
import { useUi } from "@/stores/ui";
import { leftOut, tracksOf, withoutFirst } from "../columns";
import { beginDrag, droppedIds, holdsDownloads } from "../drag";
import { EmptyList } from "../empty";
import { type Listing, mayBeIn, showsFinished } from "../listing";
import { RowMenu } from "../row-menu";
import { RowToolsProvider, useRowTools } from "../row-tools";
import { afterLeaving, choose, pruned } from "../selection";
import { Header } from "./header";
import { cellElementId, type Layout, ROW_HEIGHT_PX, rowElementId } from "./row";
import { Rows } from "./rows";
import { useGridKeys } from "./use-grid-keys";
import { MOST_ORDERED, useListing } from "./use-listing";

const HEADER_PX = 32;
const SCROLLING_RESTS_MS = 150;
/** What is said above the list. */
const NOTE = "shrink-0 border-b border-hairline px-4 py-1 text-small text-muted";

/** The list of downloads: a grid that shows only what can be seen, and that a screen reader can walk. */
export function DownloadGrid() {
  return (
    <RowToolsProvider>
      <Grid />
    </RowToolsProvider>
  );
}

function Grid() {
  const { t, actions } = useRowTools();
  const scroller = useRef<HTMLDivElement>(null);
  const listing = useListing();
  const layout = useLayout();
  const width_px = useWidth(scroller);
  const chosenColumns = useUi((state) => state.columns);
  const view = useUi((state) => state.view);
  const cursor = useUi((state) => state.cursor);
  const ready = useEngine((state) => state.ready);
  // What is finished is asked for only where it is shown.
  const finishedKnown = useEngine((state) => state.finished.total !== null);
  const failed = useEngine((state) => state.finished.failed && state.connection === "open");
  const tooMany = useEngine((state) => (state.finished.total ?? 0) > MOST_ORDERED);
  const partly = useUi((state) => state.sort.by !== "order") && tooMany && showsFinished(view);
  const loaded = ready && (finishedKnown || !showsFinished(view));
  const dropped = leftOut(chosenColumns, width_px);
  // The same object while nothing of it changed: else every row in sight is rendered again with each that comes into it,
  // and with each step of a window that is made wider.
  const columns = useMemo(() => withoutFirst(chosenColumns, dropped), [chosenColumns, dropped]);
  const tracks = tracksOf(columns, width_px);
  const narrow = layout === "narrow";
  const rowHeight_px = ROW_HEIGHT_PX[layout];

  const covered_px = narrow ? 0 : HEADER_PX;
  const scrollTo = useScrollTo({ scroller, row_px: rowHeight_px, covered_px });
  usePruning(listing, loaded);
  useKeptTop(scroller, loaded);

  // The list is where the keyboard begins.
  useEffect(focusListIfLost, []);
  const revealed = useUi((state) => state.revealed);
  useEffect(() => {
    const index = revealed === null ? -1 : listing.indexOf(revealed);
    if (index < 0) return;
    scrollTo(index);
    useUi.getState().revealDone();
  }, [revealed, listing, scrollTo]);
  const perPage = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight_px) - 1);
  const { cursorColumn, onKeyDown } = useGridKeys({ listing, actions, columns, perPage, show: scrollTo });
  const drop = useDrop(listing, scroller, rowHeight_px, covered_px);
  const rowDragStart = useRowDrag(listing);

  const activeElement = activeElementId(cursor, listing, cursorColumn);
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {partly && <p className={NOTE}>{t("list.latestFirst")}</p>}
      {failed && showsFinished(view) && (
        <p role="status" className={NOTE}>
          {t("list.notAnswered")}
        </p>
      )}
      <ContextMenu items={<RowMenu actions={actions} />}>
        <div
          ref={scroller}
          role="grid"
          tabIndex={0}
          data-list
          aria-label={t("list.label")}
          aria-rowcount={listing.total + 1}
          aria-colcount={narrow ? 1 : columns.length}
          aria-multiselectable="true"
          {...(activeElement ? { "aria-activedescendant": activeElement } : {})}
          onKeyDown={onKeyDown}
          // What the page itself gave it at the start is not marked before a key is pressed.
          onFocus={({ currentTarget, relatedTarget }) =>
            currentTarget.toggleAttribute("data-came-to", relatedTarget !== null)
          }
          // The mouse takes the focus anew, and with it the mark that is for the keyboard.
          onPointerDown={(event) => event.currentTarget.blur()}
          onClick={(event) => clicked(event, listing)}
          onDoubleClick={(event) => rowOf(event) !== null && useUi.getState().openDetail()}
          onContextMenu={(event) => menuAsked(event, listing)}
          {...drop.handlers}
          className="download-grid min-h-0 flex-1 overflow-x-hidden overflow-y-auto outline-none"
          style={{ "--tracks": tracks } as React.CSSProperties}
        >
          {!narrow && listing.total > 0 && <Header columns={columns} partly={partly} />}
          <Rows
            scroller={scroller}
            covered_px={covered_px}
            listing={listing}
            list={`${view.kind}-${"id" in view ? view.id : ""}`}
            layout={layout}
            columns={columns}
            cursorColumn={cursorColumn}
            drop_px={drop.line_px}
            onDragStart={rowDragStart}
          />
        </div>
      </ContextMenu>
      {loaded && listing.total === 0 && <EmptyList />}
    </div>
  );
}

function useLayout(): Layout {
  const narrow = useMedia(NARROW);
  const density = useEngine((state) => state.settings?.appearance.density ?? "comfortable");
  return narrow ? "narrow" : density;
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  // The first picture has no other columns than those after it.
  const [width_px, setWidth] = useState(() => globalThis.innerWidth - sidebarWidth_px());
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width_px;
}

/**
 * What left the list is not chosen any more, and the keyboard goes on where its row was. The row there is chosen only where
 * the other was removed: one that finished and is shown elsewhere now must not leave another to what is pressed next.
 */
function usePruning(listing: Listing, loaded: boolean): void {
  const last = useRef<{ listing: Listing; all: number } | null>(null);
  useEffect(() => {
    if (!loaded) return;
    const before = useUi.getState();
    const { all } = useEngine.getState().counts;
    const known = last.current;
    last.current = { listing, all };
    const after = pruned(before, (id) => mayBeIn(listing, known?.listing ?? null, id));
    if (after === before) return;
    const left = after.cursor === null && known ? before.cursor : null;
    const cursor = known && left !== null ? afterLeaving(known.listing, listing, left) : after.cursor;
    const removed = known !== null && left !== null && cursor !== null && all < known.all;
    const chosen = removed && after.selection.size === 0 && before.selection.size > 0;
    before.select(chosen ? new Set([cursor]) : after.selection, {
      anchor: chosen ? cursor : after.anchor,
      cursor,
    });
    // Details that lie over the list were about what is gone.
    if (left !== null && matchMedia(NO_SIDEBAR).matches) before.closeDetail();
  }, [listing, loaded]);
}

/** The list comes back to where it was scrolled to, once there is something to scroll. */
function useKeptTop(scroller: React.RefObject<HTMLElement | null>, there: boolean): void {
  useLayoutEffect(() => {
    const { current: element } = scroller;
    if (!element || !there) return;
    element.scrollTop = useUi.getState().listTop_px;
    let resting: ReturnType<typeof setTimeout>;
    const keep = () => {
      clearTimeout(resting);
      resting = setTimeout(() => useUi.getState().keepListTop(element.scrollTop), SCROLLING_RESTS_MS);
    };
    element.addEventListener("scroll", keep, { passive: true });
    return () => {
      clearTimeout(resting);
      element.removeEventListener("scroll", keep);
    };
  }, [scroller, there]);
}

function activeElementId(cursor: DownloadId | null, listing: Listing, column: number | null): string | null {
  if (cursor === null || listing.indexOf(cursor) < 0) return null;
  return column === null ? rowElementId(cursor) : cellElementId(cursor, column);
}

function rowOf(event: MouseEvent): DownloadId | null {
  const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-id]") : null;
  return target ? Number(target.dataset.id) : null;
}

function clicked(event: MouseEvent, listing: Listing): void {
  const id = rowOf(event);
  const ui = useUi.getState();
  if (id === null) {
    if (event.target === event.currentTarget) ui.select(new Set(), { anchor: null, cursor: ui.cursor });
    return;
  }
  const reach = event.shiftKey ? "range" : event.ctrlKey || event.metaKey ? "toggle" : "only";
  const next = choose(ui, listing, id, reach);
  ui.select(next.selection, next);
  if (matchMedia(NARROW).matches) ui.openDetail();
}

/** A right click, as the menu around the list hears it after the list. */
type AskedMenu = MouseEvent & { preventBaseUIHandler?(): void };

const RIGHT_BUTTON = 2;
/** How far from a row's edge the menu key's menu opens. */
const MENU_INSET_PX = 16;

/**
 * A menu over rows that are not chosen is about the row beneath the pointer. The menu key's opens at the row that the
 * keyboard is at; where there is no row there is no menu.
 */
function menuAsked(event: AskedMenu, listing: Listing): void {
  const id = rowOf(event);
  const ui = useUi.getState();
  if (id === null) {
    event.preventDefault();
    event.preventBaseUIHandler?.();
    const active = ui.cursor === null ? null : document.getElementById(rowElementId(ui.cursor));
    if (event.button === RIGHT_BUTTON || event.target !== event.currentTarget || !active) return;
    const { left, bottom } = active.getBoundingClientRect();
    const at = { clientX: left + MENU_INSET_PX, clientY: bottom };
    active.dispatchEvent(
      new globalThis.MouseEvent("contextmenu", { ...at, bubbles: true, cancelable: true }),
    );
    return;
  }
  if (ui.selection.has(id)) return;
  const next = choose(ui, listing, id, "only");
  ui.select(next.selection, next);
}

function useRowDrag(listing: Listing): (event: DragEvent, id: DownloadId) => void {
  const { t } = useRowTools();
  const known = useRef(listing);
  useEffect(() => {
    known.current = listing;
  }, [listing]);
  return useCallback(
    (event, id) => {
      const ui = useUi.getState();
      if (!ui.selection.has(id)) {
        const next = choose(ui, known.current, id, "only");
        ui.select(next.selection, next);
      }
      const ids = [...useUi.getState().selection];
      const row = known.current.at(known.current.indexOf(id));
      beginDrag(event, ids, ids.length === 1 && row ? row.name : t("list.selected", { count: ids.length }));
    },
    [t],
  );
}

/** Rows that are dropped between others go there, where the list is in the queue's own order. */
function useDrop(
  listing: Listing,
  scroller: React.RefObject<HTMLElement | null>,
  rowHeight_px: number,
  header_px: number,
) {
  const { actions } = useRowTools();
  const ordered = useUi((state) => state.sort.by === "order" && state.sort.direction === "ascending");
  const [place, setPlace] = useState<number | null>(null);
  const placeOf = (event: DragEvent): number | null => {
    const element = scroller.current;
    if (!element || !ordered || !holdsDownloads(event)) return null;
    const y = event.clientY - element.getBoundingClientRect().top - header_px + element.scrollTop;
    return Math.min(Math.max(0, Math.round(y / rowHeight_px)), listing.finishedFrom);
  };
  return {
    line_px: place === null ? null : place * rowHeight_px,
    handlers: {
      onDragOver: (event: DragEvent) => {
        const next = placeOf(event);
        if (next === null) return;
        event.preventDefault();
        setPlace(next);
      },
      onDragLeave: (event: DragEvent) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && event.currentTarget.contains(to))) setPlace(null);
      },
      onDragEnd: () => setPlace(null),
      onDrop: (event: DragEvent) => {
        const at = placeOf(event);
        setPlace(null);
        if (at === null) return;
        event.preventDefault();
        const ids = droppedIds(event);
        const moved = new Set(ids);
        // The row to stand before must not be one of those that move.
        let before = at;
        while (before < listing.finishedFrom && moved.has(listing.at(before)?.id ?? -1)) before++;
        const row = before < listing.finishedFrom ? listing.at(before) : undefined;
        actions.move(ids, row ? row.id : "last");
      },
    },
  };
}
