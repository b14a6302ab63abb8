import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import type { CategoryId, DownloadId, QueueId } from "@/generated";
import { NO_SIDEBAR } from "@/lib/use-media";

/** Which downloads the list shows. */
export type View =
  | { kind: "all" | "active" | "waiting" | "finished" | "failed" }
  | { kind: "category"; id: CategoryId }
  | { kind: "queue"; id: QueueId };

export type ColumnId = "name" | "progress" | "size" | "speed" | "left" | "connections" | "added";

/** What rows can be ordered by; `order` is the place in the queue. */
export type SortKey = ColumnId | "order";

export interface Sort {
  by: SortKey;
  direction: "ascending" | "descending";
}

export interface Column {
  id: ColumnId;
  /** In pixels; the name's column takes what is left where that is more. */
  width_px: number;
  shown: boolean;
}

export const COLUMN_LIMITS_PX: Record<ColumnId, { initial: number; least: number }> = {
  name: { initial: 320, least: 180 },
  progress: { initial: 360, least: 160 },
  size: { initial: 76, least: 64 },
  speed: { initial: 92, least: 72 },
  left: { initial: 124, least: 72 },
  connections: { initial: 96, least: 64 },
  added: { initial: 112, least: 80 },
};

export const COLUMN_MOST_PX = 1200;
/** A larger selection is not remembered: it is somebody's "all of them", of a moment. */
const SELECTION_KEPT_MOST = 1000;
export const DETAIL_HEIGHT_PX = { initial: 348, least: 200, most: 900 };

const initialColumns = (): Column[] =>
  (Object.keys(COLUMN_LIMITS_PX) as ColumnId[]).map((id) => ({
    id,
    width_px: COLUMN_LIMITS_PX[id].initial,
    shown: id !== "connections",
  }));

/** What the page remembers of how it is used. What the engine knows is in another store. */
export interface UiState {
  view: View;
  search: string;
  sort: Sort;
  columns: Column[];
  selection: ReadonlySet<DownloadId>;
  /** Where a range of the selection begins. */
  anchor: DownloadId | null;
  /** The row that the keyboard is at. */
  cursor: DownloadId | null;
  /** How far the list is scrolled. */
  listTop_px: number;
  detailOpen: boolean;
  detailHeight_px: number;
  /** Whether the sidebar is drawn over the list, where the window is too narrow for both. */
  drawerOpen: boolean;
  /** A download that the list is to bring into view. */
  revealed: DownloadId | null;

  show(view: View): void;
  /** Shows one download where it stands in a view. */
  reveal(id: DownloadId, view: View): void;
  /** The list brought it into view. */
  revealDone(): void;
  searchFor(text: string): void;
  sortBy(sort: Sort): void;
  resizeColumn(id: ColumnId, width_px: number): void;
  showColumn(id: ColumnId, shown: boolean): void;
  resetColumns(): void;
  select(
    selection: ReadonlySet<DownloadId>,
    at: { anchor: DownloadId | null; cursor: DownloadId | null },
  ): void;
  keepListTop(top_px: number): void;
  openDetail(): void;
  closeDetail(): void;
  resizeDetail(height_px: number): void;
  openDrawer(): void;
  closeDrawer(): void;
}

/** What outlasts the page: a window's is made anew each time that the window comes. */
type Kept = Pick<
  UiState,
  "view" | "sort" | "columns" | "detailOpen" | "detailHeight_px" | "anchor" | "cursor" | "listTop_px"
> & { selected: DownloadId[] };

const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);

export const useUi = create<UiState>()(
  persist(
    (set) => ({
      view: { kind: "all" },
      search: "",
      sort: { by: "order", direction: "ascending" },
      columns: initialColumns(),
      selection: new Set(),
      anchor: null,
      cursor: null,
      listTop_px: 0,
      detailOpen: false,
      detailHeight_px: DETAIL_HEIGHT_PX.initial,
      drawerOpen: false,
      revealed: null,

      show: (view) =>
        set({ view, drawerOpen: false, selection: new Set(), anchor: null, cursor: null, listTop_px: 0 }),
      reveal: (id, view) =>
        set({
          view,
          search: "",
          drawerOpen: false,
          selection: new Set([id]),
          anchor: id,
          cursor: id,
          revealed: id,
        }),
      revealDone: () => set({ revealed: null }),
      searchFor: (search) => set({ search }),
      sortBy: (sort) => set({ sort }),
      resizeColumn: (id, width_px) =>
        set((state) => ({
          columns: state.columns.map((column) =>
            column.id === id
              ? {
                  ...column,
                  width_px: clamp(Math.round(width_px), COLUMN_LIMITS_PX[id].least, COLUMN_MOST_PX),
                }
              : column,
          ),
        })),
      showColumn: (id, shown) =>
        set((state) => ({
          columns: state.columns.map((column) =>
            column.id === id && id !== "name" ? { ...column, shown } : column,
          ),
        })),
      resetColumns: () => set({ columns: initialColumns() }),
      select: (selection, { anchor, cursor }) => set({ selection, anchor, cursor }),
      keepListTop: (listTop_px) => set({ listTop_px }),
      openDetail: () => set({ detailOpen: true }),
      closeDetail: () => set({ detailOpen: false }),
      resizeDetail: (height_px) =>
        set({ detailHeight_px: clamp(Math.round(height_px), DETAIL_HEIGHT_PX.least, DETAIL_HEIGHT_PX.most) }),
      openDrawer: () => set({ drawerOpen: true }),
      closeDrawer: () => set({ drawerOpen: false }),
    }),
    {
      name: "gannet.ui",
      version: 1,
      storage: createJSONStorage(() => localStorage),
      partialize: (state): Kept => ({
        view: state.view,
        sort: state.sort,
        columns: state.columns,
        detailOpen: state.detailOpen,
        detailHeight_px: state.detailHeight_px,
        anchor: state.anchor,
        cursor: state.cursor,
        // What was found by a search is another list than the one that comes.
        listTop_px: state.search === "" ? state.listTop_px : 0,
        selected: state.selection.size <= SELECTION_KEPT_MOST ? [...state.selection] : [],
      }),
      merge: (kept, initial) => {
        const { selected = [], ...rest } = (kept ?? {}) as Partial<Kept>;
        // Where the details lie over the list, nobody wants to begin behind them.
        const covered = globalThis.matchMedia?.(NO_SIDEBAR).matches ?? false;
        const detailOpen = !covered && (rest.detailOpen ?? initial.detailOpen);
        const state = { ...initial, ...rest, detailOpen, selection: new Set(selected) };
        // Columns that this version has and the kept ones do not, or the other way round, must not break the list.
        const keptColumns = new Map(state.columns.map((column) => [column.id, column]));
        return { ...state, columns: initial.columns.map((column) => keptColumns.get(column.id) ?? column) };
      },
    },
  ),
);
