import { type DragEvent, memo, type RefObject, useLayoutEffect, useRef } from "react";
import { KindTile } from "@/components/kind-tile";
import type { DownloadId, Row } from "@/generated";
import { cx } from "@/lib/cx";
import { shownName } from "@/lib/shown-name";
import { wantsStillness } from "@/lib/stillness";
import { useEngine } from "@/stores/engine";
import type { Column } from "@/stores/ui";
import { useSpeedFigure, useTimeLeftFigure } from "../figures";
import { RowMap } from "../row-map";
import { useRowTools } from "../row-tools";
import { StatusLine } from "../status-line";
import { Ticking } from "../ticking";
import { Cell, RowButton } from "./cells";

/** How a row is laid out. */
export type Layout = "comfortable" | "compact" | "narrow";

export const ROW_HEIGHT_PX: Record<Layout, number> = { comfortable: 52, compact: 32, narrow: 84 };

/** The id of a row's element, and of one of its cells: what the grid says is active. */
export const rowElementId = (id: DownloadId) => `download-${id}`;
export const cellElementId = (id: DownloadId, column: number) => `download-${id}-${column}`;

/** Columns whose figures stand at the right. */
export const isNumeric = (column: Column) => !["name", "progress", "added"].includes(column.id);

interface Properties {
  row: Row;
  /** Its place in the whole list. */
  index: number;
  top_px: number;
  /** Names the list that it is in. */
  list: string;
  layout: Layout;
  columns: readonly Column[];
  selected: boolean;
  atCursor: boolean;
  /** Which of its cells the keyboard is at, where it is at this row. */
  cursorColumn: number | null;
  draggable: boolean;
  onDragStart: (event: DragEvent, id: DownloadId) => void;
}

/** One download. What ticks in it follows the store by itself: a row is rendered again where its words change. */
export const DownloadRow = memo(function DownloadRow(properties: Properties) {
  const { row, index, top_px, layout, columns, selected, atCursor, cursorColumn, draggable } = properties;
  const element = useRef<HTMLDivElement>(null);
  useMoving(element, properties);
  return (
    <div
      ref={element}
      role="row"
      id={rowElementId(row.id)}
      data-id={row.id}
      aria-rowindex={index + 2}
      aria-selected={selected}
      draggable={draggable}
      onDragStart={(event) => properties.onDragStart(event, row.id)}
      style={{ transform: `translateY(${top_px}px)`, height: ROW_HEIGHT_PX[layout] }}
      className={cx("download-row", atCursor && "at-cursor", layout === "narrow" ? "block" : "grid")}
    >
      {layout === "narrow" ? (
        <NarrowRow row={row} />
      ) : (
        columns.map((column, place) => (
          <div
            key={column.id}
            role="gridcell"
            id={cellElementId(row.id, place)}
            aria-colindex={place + 1}
            className={cx(
              "min-w-0",
              isNumeric(column) && "tabular truncate text-right",
              column.id === "added" && "truncate pl-2",
              cursorColumn === place && "cell-cursor",
            )}
          >
            <Cell column={column.id} row={row} compact={layout === "compact"} />
          </div>
        ))
      )}
    </div>
  );
});

const MOVES_IN_MS = 160;

/** A row that got another place in its list is seen to go there. One that scrolled in is there. */
function useMoving(
  element: RefObject<HTMLElement | null>,
  { row: { id }, list, top_px }: Pick<Properties, "row" | "list" | "top_px">,
): void {
  const before = useRef({ id, list, top_px });
  useLayoutEffect(() => {
    const { id: idBefore, list: listBefore, top_px: from_px } = before.current;
    before.current = { id, list, top_px };
    if (id !== idBefore || list !== listBefore || top_px === from_px || wantsStillness()) return;
    element.current?.animate?.(
      [{ transform: `translateY(${from_px}px)` }, { transform: `translateY(${top_px}px)` }],
      { duration: MOVES_IN_MS, easing: "cubic-bezier(0.2, 0.7, 0.2, 1)" },
    );
  }, [element, id, list, top_px]);
}

/** A download where there is room for one column only. */
function NarrowRow({ row }: { row: Row }) {
  return (
    <div role="gridcell" aria-colindex={1} className="flex h-full min-w-0 items-center gap-3">
      <KindTile name={row.name} kind={row.file_kind} className="size-9" />
      <div className="min-w-0 flex-1">
        <bdi className="block truncate text-left font-medium text-text">{shownName(row.name)}</bdi>
        <RowMap row={row} className="my-1.5 h-1.5" />
        <div className="flex min-w-0 items-center gap-2 text-small">
          <div className="min-w-0 flex-1">
            <StatusLine row={row} brief />
          </div>
          <NarrowFigures row={row} />
        </div>
      </div>
      <RowButton key={row.id} row={row} />
    </div>
  );
}

function NarrowFigures({ row }: { row: Row }) {
  const { format } = useRowTools();
  const loads = useEngine((state) => state.moving.get(row.id)?.standing.kind === "downloading");
  const speed = useSpeedFigure(row.id, format);
  const left = useTimeLeftFigure(row.id, format, format.separator);
  if (loads)
    return (
      <span className="tabular shrink-0 text-muted">
        <Ticking figure={speed} className="font-medium text-text" />
        <Ticking figure={left} />
      </span>
    );
  if (row.length === null || row.standing.kind === "failed" || row.standing.kind === "waiting") return null;
  return <span className="tabular shrink-0 text-muted">{format.bytes(row.length)}</span>;
}
