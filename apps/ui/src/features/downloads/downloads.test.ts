import { describe, expect, it } from "vitest";
import { toneOf } from "@/components/range-map";
import type { Row, Standing } from "@/generated";
import { EMPTY_FINISHED, type Finished } from "@/stores/finished";
import { COLUMN_LIMITS_PX, type Column, type ColumnId } from "@/stores/ui";
import { makeRow } from "@/transport/mock/catalogue";
import { MockEngine } from "@/transport/mock/engine";
import { leftOut, tracksOf, withoutFirst } from "./columns";
import { groupOf, listingOf, mayBeIn, tallyOf } from "./listing";
import { afterLeaving, choose, pruned, type Selection, stepFrom } from "./selection";
import { pathOf } from "./sparkline";
import { statusOf } from "./status";
import { whenOf } from "./status-line";

const row = (id: number, given: Partial<Row> = {}): Row =>
  makeRow({ id, name: `file-${id}.zip`, host: "example.org", standing: { kind: "queued" }, ...given });
const rows = (...some: Row[]) => new Map(some.map((one) => [one.id, one]));
const done = (...some: Row[]): Finished => ({
  ...EMPTY_FINISHED,
  rows: some,
  total: some.length,
  stale: false,
});
const finishedRow = (id: number, given: Partial<Row> = {}) =>
  row(id, { standing: { kind: "finished" }, ...given });
const order = { by: "order", direction: "ascending" } as const;
const all = { kind: "all" } as const;

describe("the list", () => {
  it("is in the queue's own order, with finished ones after it", () => {
    const listing = listingOf(
      rows(row(1, { position: 9 }), row(2, { position: 3 })),
      new Map(),
      done(finishedRow(7)),
      all,
      "",
      order,
    );
    expect(listing.ids).toEqual([2, 1, 7]);
    expect(listing.finishedFrom).toBe(2);
    expect(listing.indexOf(7)).toBe(2);
  });

  it("counts finished ones that are not loaded yet, and leaves their places open", () => {
    const finished: Finished = {
      ...done(finishedRow(7)),
      rows: [finishedRow(7), undefined, undefined],
      total: 3,
    };
    const listing = listingOf(rows(row(1)), new Map(), finished, all, "", order);
    expect(listing.total).toBe(4);
    expect(listing.at(2)).toBeUndefined();
  });

  it("orders finished ones among the others once all of them are loaded", () => {
    const sort = { by: "size", direction: "descending" } as const;
    const some = rows(row(1, { length: 10 }), row(2, { length: 30 }));
    const loaded = done(finishedRow(7, { length: 20 }));
    expect(listingOf(some, new Map(), loaded, all, "", sort).ids).toEqual([2, 7, 1]);
    const holes: Finished = { ...loaded, rows: [...loaded.rows, undefined], total: 2 };
    expect(listingOf(some, new Map(), holes, all, "", sort).ids).toEqual([2, 1, 7]);
  });

  it("orders names as people do", () => {
    const sort = { by: "name", direction: "ascending" } as const;
    const some = rows(row(1, { name: "part 10" }), row(2, { name: "Part 9" }), row(3, { name: "part 2" }));
    expect(listingOf(some, new Map(), done(), all, "", sort).ids).toEqual([3, 2, 1]);
  });

  it("is narrowed by view and by a search of name and host", () => {
    const some = rows(
      row(1, { queue: 2 }),
      row(2, { host: "kestrel.org" }),
      row(3, { standing: { kind: "downloading" } }),
    );
    const idsOf = (view: Parameters<typeof listingOf>[3], search = "") =>
      listingOf(some, new Map(), done(), view, search, order).ids;
    expect(idsOf({ kind: "queue", id: 2 })).toEqual([1]);
    expect(idsOf({ kind: "active" })).toEqual([3]);
    expect(idsOf(all, "KESTREL")).toEqual([2]);
  });

  it("counts what stands where", () => {
    const some = rows(
      row(1),
      row(2, { standing: { kind: "paused" }, queue: 2 }),
      row(3, { standing: { kind: "probing" } }),
    );
    expect(tallyOf(some)).toMatchObject({ active: 1, waiting: 2, failed: 0 });
    expect(tallyOf(some).queues.get(2)).toBe(1);
  });
});

describe("the selection", () => {
  const listing = listingOf(rows(row(1), row(2), row(3), row(4)), new Map(), done(), all, "", order);
  const none: Selection = { selection: new Set(), anchor: null, cursor: null };

  it("is one row, then a range from it, then one less", () => {
    const one = choose(none, listing, 2, "only");
    const range = choose(one, listing, 4, "range");
    expect([...range.selection]).toEqual([2, 3, 4]);
    expect(range.anchor).toBe(2);
    expect([...choose(range, listing, 1, "range").selection]).toEqual([1, 2]);
    expect([...choose(range, listing, 3, "toggle").selection]).toEqual([2, 4]);
  });

  it("moves by steps and stops at the ends", () => {
    expect(stepFrom(listing, null, 1)).toBe(1);
    expect(stepFrom(listing, null, -1)).toBe(4);
    expect(stepFrom(listing, 3, 99)).toBe(4);
    expect(stepFrom(listing, 3, -99)).toBe(1);
  });

  it("stops before what is not loaded", () => {
    const finished: Finished = { ...done(), rows: [finishedRow(9), undefined], total: 2 };
    const open = listingOf(rows(row(1)), new Map(), finished, all, "", order);
    expect(stepFrom(open, 9, 1)).toBe(9);
  });

  it("loses what left the list, and keeps its reference where nothing did", () => {
    const before: Selection = { selection: new Set([1, 9]), anchor: 9, cursor: 1 };
    const after = pruned(before, (id) => id === 1);
    expect(after).toEqual({ selection: new Set([1]), anchor: null, cursor: 1 });
    expect(pruned(after, () => true)).toBe(after);
  });

  it("goes on where its row was: at the next that stayed, else at the one before", () => {
    const left = (...ids: number[]) =>
      listingOf(rows(...ids.map((id) => row(id, { position: id }))), new Map(), done(), all, "", order);
    expect(afterLeaving(left(1, 2, 3, 4), left(1, 4), 2)).toBe(4);
    expect(afterLeaving(left(1, 2, 3, 4), left(1, 2), 4)).toBe(2);
    expect(afterLeaving(left(1), left(), 1)).toBeNull();
    expect(afterLeaving(left(1), left(1), 9)).toBeNull();
  });

  it("keeps what may be in the part of the list that is not loaded", () => {
    const list = (...finished: (Row | undefined)[]) =>
      listingOf(
        rows(row(1)),
        new Map(),
        { ...done(), rows: finished, total: finished.length },
        all,
        "",
        order,
      );
    const partly = list(finishedRow(9), undefined);
    expect(mayBeIn(partly, null, 9)).toBe(true);
    expect(mayBeIn(partly, null, 8)).toBe(true);
    // It was there a moment ago, so it went.
    expect(mayBeIn(partly, list(finishedRow(8), undefined), 8)).toBe(false);
    expect(mayBeIn(list(finishedRow(9)), null, 8)).toBe(false);
  });
});

describe("a row", () => {
  it("has words and a colour for every state that the engine knows", () => {
    for (const scenario of ["busy", "awful", "failures"] as const) {
      const engine = new MockEngine({ scenario, seed: 1, start_ms: 0 });
      const moving = new Map(engine.snapshot().moving.map((one) => [one.id, one]));
      for (const { row: shown } of engine.downloads.values()) {
        expect(statusOf(shown, moving.get(shown.id)).kind).toBe(shown.standing.kind);
        expect(["sea", "kelp", "coral", "mist"]).toContain(toneOf(shown));
        expect(["active", "waiting", "finished", "failed"]).toContain(groupOf(shown.standing));
      }
    }
  });

  it("offers what mends a failure", () => {
    const failure = { code: "expired", message: "", remedy: "new_link" } as const;
    const standing: Standing = { kind: "failed", failure };
    expect(statusOf(row(1, { standing }), undefined)).toMatchObject({ code: "expired", remedy: "new_link" });
  });

  it("says 100 % of nothing that is not whole, and no share of an unknown length", () => {
    const standing: Standing = { kind: "paused" };
    expect(statusOf(row(1, { standing, length: 0, bytes: 0 }), undefined)).toEqual({
      kind: "paused",
      share: null,
    });
    expect(statusOf(row(1, { standing, length: null, bytes: 5 }), undefined)).toEqual({
      kind: "paused",
      share: null,
    });
    expect(statusOf(row(1, { standing, length: 10, bytes: 5 }), undefined)).toEqual({
      kind: "paused",
      share: 0.5,
    });
  });

  it("says a time of day where it is near, and the day where it is not", () => {
    const now = new Date(2026, 10, 22, 15, 0).getTime();
    expect(whenOf(now + 3_600_000, now, "en-GB")).toBe("16:00");
    expect(whenOf(now + 50 * 3_600_000, now, "en-GB")).toContain("24 Nov");
  });
});

describe("columns", () => {
  const columns: Column[] = (Object.keys(COLUMN_LIMITS_PX) as ColumnId[]).map((id) => ({
    id,
    width_px: COLUMN_LIMITS_PX[id].initial,
    shown: true,
  }));
  const idsAt = (width_px: number) => withoutFirst(columns, leftOut(columns, width_px)).map(({ id }) => id);

  it("all fit where there is room", () => {
    expect(idsAt(1400)).toHaveLength(7);
  });

  it("leave what a wide window has to names and progress alike, until somebody chose a width", () => {
    expect(tracksOf(columns, 1800)).toMatch(/^minmax\(180px, 1fr\) minmax\(360px, 1fr\) 76px/);
    const chosen = columns.map((column) =>
      column.id === "progress" ? { ...column, width_px: 400 } : column,
    );
    expect(tracksOf(chosen, 1800)).toMatch(/^minmax\(180px, 1fr\) 400px 76px/);
  });

  it("give way one after the other, but never name and progress", () => {
    expect(idsAt(850)).toEqual(["name", "progress", "size", "speed", "left"]);
    expect(idsAt(200)).toEqual(["name", "progress"]);
  });
});

describe("the sparkline", () => {
  it("ends at the right edge and is nothing without speeds", () => {
    expect(pathOf([])).toBe("");
    expect(pathOf([1, 2, 3])).toBe("");
    expect(pathOf(new Array(20).fill(1))).toMatch(/L112\.0 /);
  });

  it("rises from the ground where it does not reach back to the left edge", () => {
    expect(pathOf(new Array(20).fill(1))).toMatch(/^M\d+\.\d 19L/);
    expect(pathOf(new Array(200).fill(1))).toMatch(/^M0\.0 2\.8L/);
  });
});
