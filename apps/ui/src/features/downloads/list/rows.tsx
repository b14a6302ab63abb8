import { type DragEvent, type RefObject, useLayoutEffect, useRef } from "react";
import type { DownloadId } from "@/generated";
import { useWindow } from "@/lib/use-window";
import { type Column, useUi } from "@/stores/ui";
import type { Listing } from "../listing";
import { DownloadRow, type Layout, ROW_HEIGHT_PX } from "./row";
import { type Seen, type Slotted, slotted } from "./slots";
import { useHoles } from "./use-listing";

interface Properties {
  scroller: RefObject<HTMLElement | null>;
  /** How much of the scroller the header covers. */
  covered_px: number;
  listing: Listing;
  /** Names the list: rows do not travel from one to another. */
  list: string;
  layout: Layout;
  columns: readonly Column[];
  /** Which cell of the active row the keyboard is at. */
  cursorColumn: number | null;
  /** Where what is dragged would be dropped. */
  drop_px: number | null;
  onDragStart: (event: DragEvent, id: DownloadId) => void;
}

/** The rows that can be seen. Scrolling renders this alone, and of it only the rows that come in. */
export function Rows(properties: Properties) {
  const { scroller, covered_px, listing, list, layout, columns, cursorColumn, drop_px } = properties;
  const selection = useUi((state) => state.selection);
  const cursor = useUi((state) => state.cursor);
  const row_px = ROW_HEIGHT_PX[layout];
  const { indices, total_px, scrolls } = useWindow({ scroller, count: listing.total, row_px, covered_px });
  useHoles(listing, indices[0] ?? 0, indices.at(-1) ?? 0);
  const group = useRef<HTMLDivElement>(null);
  const seen = indices.map((index): Seen => ({ key: listing.at(index)?.id ?? `hole-${index}`, index }));
  // What is moved in the document loses the focus.
  const stays = scrolls || group.current?.contains(document.activeElement) === true;
  const slots = useSlots(seen, stays ? "scrolls" : "rests");
  return (
    <div ref={group} role="rowgroup" className="relative" style={{ height: total_px }}>
      {slots.map(({ slot, index }) => {
        const row = listing.at(index);
        const top_px = index * row_px;
        if (!row) return <Hole key={slot} top_px={top_px} height_px={row_px} />;
        return (
          <DownloadRow
            key={slot}
            row={row}
            index={index}
            top_px={top_px}
            list={list}
            layout={layout}
            columns={columns}
            selected={selection.has(row.id)}
            atCursor={cursor === row.id}
            cursorColumn={cursor === row.id ? cursorColumn : null}
            draggable={layout !== "narrow"}
            onDragStart={properties.onDragStart}
          />
        );
      })}
      {drop_px !== null && <div aria-hidden="true" className="drop-line" style={{ top: drop_px }} />}
    </div>
  );
}

/** Which element shows which of the rows that are seen. */
function useSlots(seen: readonly Seen[], motion: "scrolls" | "rests"): readonly Slotted[] {
  const before = useRef<readonly Slotted[]>([]);
  const now = slotted(before.current, seen, motion);
  useLayoutEffect(() => {
    before.current = now;
  });
  return now;
}

/** A finished download whose page is on its way. */
function Hole({ top_px, height_px }: { top_px: number; height_px: number }) {
  return (
    <div
      aria-hidden="true"
      className="download-row flex items-center"
      style={{ transform: `translateY(${top_px}px)`, height: height_px }}
    >
      <span className="h-2 w-48 rounded-full bg-track opacity-50" />
    </div>
  );
}
