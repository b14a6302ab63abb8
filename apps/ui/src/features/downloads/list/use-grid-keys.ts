import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Actions } from "@/commands/actions";
import { closeToast, showToast } from "@/components/ui/toast";
import { openDialog } from "@/dialogs/store";
import type { DownloadId } from "@/generated";
import { isPressed } from "@/lib/keys";
import { loadAllFinished } from "@/stores/engine";
import { type Column, useUi } from "@/stores/ui";
import { useTransport } from "@/transport/context";
import type { Listing } from "../listing";
import { useRowTools } from "../row-tools";
import { choose, type Reach, stepFrom } from "../selection";
import { rowElementId } from "./row";

interface Options {
  listing: Listing;
  actions: Actions;
  columns: readonly Column[];
  /** How many rows a page has. */
  perPage: () => number;
  /** Brings a place into view. */
  show: (index: number) => void;
}

/** Keys of the list, besides those that walk in it. */
export const LIST_KEYS = ["Mod+A", "Escape", "Mod+Space"] as const;
/** Keys that are about the chosen downloads. */
export const SELECTION_KEYS = [
  "Space",
  "Delete",
  "Backspace",
  "Shift+Delete",
  "Enter",
  "F2",
  "Mod+C",
  "Alt+ArrowUp",
  "Alt+ArrowDown",
] as const;
type ListKey = (typeof LIST_KEYS)[number];
type SelectionKey = (typeof SELECTION_KEYS)[number];

/** Everything that the keyboard does in the list. Focus stays on the grid; it says which row or cell is active. */
export function useGridKeys({ listing, actions, columns, perPage, show }: Options) {
  const { t } = useRowTools();
  const [cursorColumn, setCursorColumn] = useState<number | null>(null);

  const go = (step: number, reach: Reach) => {
    const ui = useUi.getState();
    const id = stepFrom(listing, ui.cursor, step);
    if (id === null) return;
    const next = choose(ui, listing, id, reach);
    ui.select(next.selection, next);
    show(listing.indexOf(id));
  };

  // The end of a long list is not loaded yet: it is shown, and chosen once it is there.
  const awaited = useRef<{ index: number; reach: Reach } | null>(null);
  const jump = (index: number, reach: Reach) => {
    const row = listing.at(index);
    show(index);
    if (!row) {
      awaited.current = { index, reach };
      return;
    }
    const ui = useUi.getState();
    const next = choose(ui, listing, row.id, reach);
    ui.select(next.selection, next);
  };
  const arrive = useEffectEvent(() => {
    if (awaited.current === null || !listing.at(awaited.current.index)) return;
    const { index, reach } = awaited.current;
    awaited.current = null;
    jump(index, reach);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks whenever the list is another
  useEffect(() => arrive(), [listing]);

  const selectAll = useSelectAll(listing);

  const walk = (event: KeyboardEvent): boolean => {
    const reach: Reach = event.shiftKey ? "range" : event.ctrlKey || event.metaKey ? "cursor" : "only";
    switch (event.key) {
      case "ArrowDown":
        go(1, reach);
        return true;
      case "ArrowUp":
        go(-1, reach);
        return true;
      case "PageDown":
        go(perPage(), reach);
        return true;
      case "PageUp":
        go(-perPage(), reach);
        return true;
      case "Home":
        jump(0, reach);
        return true;
      case "End":
        jump(Math.max(0, listing.total - 1), reach);
        return true;
      case "ArrowRight":
        setCursorColumn((column) => (column === null ? 0 : Math.min(columns.length - 1, column + 1)));
        return true;
      case "ArrowLeft":
        setCursorColumn((column) => (column === null || column === 0 ? null : column - 1));
        return true;
      default:
        return false;
    }
  };

  const moveBy = (ids: readonly DownloadId[], step: -1 | 1) => {
    const { by, direction } = useUi.getState().sort;
    // In another order it would change a place that nobody sees.
    if (by !== "order" || direction !== "ascending")
      return showToast({ subject: "order", words: t("list.orderFirst") });
    actions.move(ids, neighbour(listing, ids, step) ?? (step < 0 ? "first" : "last"));
  };

  const onAny = (keys: ListKey) => {
    const ui = useUi.getState();
    switch (keys) {
      case "Mod+A":
        return selectAll();
      case "Escape":
        if (ui.detailOpen) return ui.closeDetail();
        return ui.select(new Set(), { anchor: null, cursor: ui.cursor });
      case "Mod+Space": {
        if (ui.cursor === null) return;
        const next = choose(ui, listing, ui.cursor, "toggle");
        return ui.select(next.selection, next);
      }
    }
  };
  const onChosen = (keys: SelectionKey, ids: readonly DownloadId[]) => {
    switch (keys) {
      case "Space":
        return actions.toggle(ids);
      case "Delete":
      case "Backspace":
        return actions.remove(ids, "keep");
      case "Shift+Delete":
        return openDialog({ kind: "remove", ids });
      case "Enter":
        return enter(cursorColumn, columns);
      case "F2":
        return rename(ids);
      case "Mod+C":
        return actions.copyLinks(ids);
      case "Alt+ArrowUp":
        return moveBy(ids, -1);
      case "Alt+ArrowDown":
        return moveBy(ids, 1);
    }
  };

  const act = (event: KeyboardEvent): boolean => {
    const any = LIST_KEYS.find((keys) => isPressed(keys, event));
    if (any) onAny(any);
    const ids = [...useUi.getState().selection];
    const about = any || ids.length === 0 ? undefined : SELECTION_KEYS.find((keys) => isPressed(keys, event));
    if (about) onChosen(about, ids);
    return any !== undefined || about !== undefined;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Buttons in the rows and in the header have keys of their own.
    if (event.target !== event.currentTarget) return;
    awaited.current = null;
    if (act(event) || (!event.altKey && walk(event))) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  return { cursorColumn, onKeyDown };
}

/** Loading that is over sooner is not worth a word. */
const LOADING_SHOWN_AFTER_MS = 300;

/** Chooses everything that the list shows: what is not loaded yet is loaded first, and until then what is loaded is chosen. */
function useSelectAll(listing: Listing): () => void {
  const transport = useTransport();
  const { t } = useRowTools();
  const begun = useRef<ReadonlySet<DownloadId> | null>(null);
  const select = () => {
    const { select, anchor, cursor } = useUi.getState();
    const all = new Set(listing.ids);
    select(all, { anchor, cursor });
    begun.current = listing.ids.length < listing.total ? all : null;
  };
  const goOn = useEffectEvent(() => {
    if (begun.current === null || listing.ids.length < listing.total) return;
    // Something else was chosen meanwhile.
    if (useUi.getState().selection === begun.current) select();
    begun.current = null;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks whenever the list is another
  useEffect(() => goOn(), [listing]);
  return () => {
    select();
    const { current: mine } = begun;
    if (mine === null) return;
    const late = setTimeout(
      () => showToast({ subject: "select_all", words: t("list.loadingAll") }),
      LOADING_SHOWN_AFTER_MS,
    );
    void loadAllFinished(transport, () => useUi.getState().selection === mine).finally(() => {
      clearTimeout(late);
      closeToast("select_all");
    });
  };
}

function rename([id]: readonly DownloadId[]): void {
  if (id !== undefined) openDialog({ kind: "rename", id });
}

/** Enter shows the details, or presses the button of the active cell. */
function enter(column: number | null, columns: readonly Column[]): void {
  const { cursor, detailOpen, openDetail, closeDetail } = useUi.getState();
  if (cursor !== null && column !== null && columns[column]?.id === "progress") {
    const button = document.getElementById(rowElementId(cursor))?.querySelector<HTMLElement>("[data-remedy]");
    if (button) {
      button.click();
      return;
    }
  }
  if (detailOpen) closeDetail();
  else openDetail();
}

/** Which row the chosen ones are to stand before, a step up or down; none at the ends. */
function neighbour(listing: Listing, ids: readonly DownloadId[], step: 1 | -1): DownloadId | null {
  const places = ids.map((id) => listing.indexOf(id)).filter((place) => place >= 0);
  const before = step < 0 ? Math.min(...places) - 1 : Math.max(...places) + 2;
  if (before < 0 || before >= listing.finishedFrom) return null;
  return listing.at(before)?.id ?? null;
}
