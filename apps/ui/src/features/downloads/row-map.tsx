import { memo, useLayoutEffect, useState } from "react";
import { type MapSample, RangeMap, toneOf } from "@/components/range-map";
import type { Row } from "@/generated";
import { useEngine } from "@/stores/engine";
import { isAtWork } from "@/stores/reduce";

/** The range map of a row. It draws itself from the store, without the row being rendered again. */
export const RowMap = memo(function RowMap({ row, className }: { row: Row; className?: string }) {
  const [source] = useState(() => new RowSource(row));
  useLayoutEffect(() => source.setRow(row), [source, row]);
  return <RangeMap sample={source.sample} onSample={source.onSample} {...(className ? { className } : {})} />;
});

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
