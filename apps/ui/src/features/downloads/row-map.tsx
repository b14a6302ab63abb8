import { memo, useLayoutEffect, useState } from "react";
import { type MapSample, RangeMap, toneOf } from "@/components/range-map";
import type { Row } from "@/generated";
import { cx } from "@/lib/cx";
import { useEngine } from "@/stores/engine";
import { isAtWork } from "@/stores/reduce";

/** The range map of a row. */
export const RowMap = memo(function RowMap({ row, className = "" }: { row: Row; className?: string }) {
  const plain = plainLook(row);
  // A file that becomes whole before one's eyes goes on in its own canvas, where its pieces close.
  const [drawn, setDrawn] = useState(plain === null ? row.id : null);
  if (plain === null && drawn !== row.id) setDrawn(row.id);
  if (plain === null || drawn === row.id) return <DrawnMap key={row.id} row={row} className={className} />;
  return <span aria-hidden="true" className={cx("block rounded-full", plain, className)} />;
});

/** How a map looks in which there is nothing to see but one colour: most are like that, and need no canvas. */
function plainLook(row: Row): string | null {
  if (row.standing.kind === "finished") return row.missing ? "bg-track" : "bg-kelp";
  return row.bytes === 0 && !isAtWork(row.standing) ? "bg-track" : null;
}

/** It draws itself from the store, without the row being rendered again. */
function DrawnMap({ row, className }: { row: Row; className: string }) {
  const [source] = useState(() => new RowSource(row));
  useLayoutEffect(() => source.setRow(row), [source, row]);
  return <RangeMap sample={source.sample} onSample={source.onSample} className={className} />;
}

class RowSource {
  #row: Row;
  #last: MapSample | null = null;
  #lastOf: readonly unknown[] = [];
  #listeners = new Set<() => void>();

  constructor(row: Row) {
    this.#row = row;
  }

  setRow(row: Row): void {
    if (this.#row === row) return;
    this.#row = row;
    for (const listener of this.#listeners) listener();
  }

  readonly onSample = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    const stop = useEngine.subscribe(listener);
    return () => {
      this.#listeners.delete(listener);
      stop();
    };
  };

  readonly sample = (): MapSample => {
    const { moving: allMoving, snapshotAt_ms, snapshotEvery_ms } = useEngine.getState();
    const row = this.#row;
    const moving = allMoving.get(row.id);
    const seen = [row, moving] as const;
    if (this.#last && seen.every((value, index) => value === this.#lastOf[index])) return this.#last;
    this.#lastOf = seen;
    this.#last = {
      length: moving?.length ?? row.length,
      cells: moving?.cells ?? row.cells,
      ranges: null,
      notches: moving?.notches ?? [],
      tone: toneOf(row),
      // What waits may still be told of, and stands still all the same.
      live: moving !== undefined && isAtWork(moving.standing),
      at_ms: snapshotAt_ms,
      every_ms: snapshotEvery_ms,
    };
    return this.#last;
  };
}
