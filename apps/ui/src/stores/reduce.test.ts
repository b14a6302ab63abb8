import { describe, expect, it } from "vitest";
import type { Row } from "@/generated";
import { shownRow } from "@/lib/shown-name";
import { MockEngine } from "@/transport/mock/engine";
import type { Transport } from "@/transport/types";
import { fetchPage, withPage } from "./finished";
import { applyEvent, applySnapshot, applyState, type Known, NOTHING_KNOWN } from "./reduce";

function begin(scenario: "busy" | "many" = "busy"): { engine: MockEngine; known: Known } {
  const engine = new MockEngine({ scenario, seed: 3, start_ms: 1_000_000 });
  return { engine, known: applyState(NOTHING_KNOWN, structuredClone(engine.state()), 0) };
}

const row = (known: Known, id: number): Row => {
  const found = known.rows.get(id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};

function withFinished(known: Known, engine: MockEngine): Known {
  const reply = engine.execute({
    action: "list_finished",
    page: { offset: 0, count: 200, search: null, category: null },
  });
  if (reply.kind !== "finished") throw new Error("no page");
  return { ...known, finished: withPage(known.finished, known.finished, 0, reply.rows, reply.total) };
}

describe("a snapshot", () => {
  it("keeps the rows, and the map of them, where nothing but numbers moved", () => {
    const { engine, known } = begin();
    engine.advance(250);
    const next = applySnapshot(known, structuredClone(engine.snapshot()), 250);
    expect(next.rows).toBe(known.rows);
    expect(next.moving.get(1)).not.toBe(known.moving.get(1));
  });

  it("keeps what of it is equal", () => {
    const { engine, known } = begin();
    const next = applySnapshot(known, structuredClone(engine.snapshot()), 250);
    for (const [id, moving] of next.moving) expect(moving).toBe(known.moving.get(id));
  });

  it("changes only the rows whose standing changed", () => {
    const { engine, known } = begin();
    const snapshot = structuredClone(engine.snapshot());
    const first = snapshot.moving.find(({ id }) => id === 1);
    if (first) first.standing = { kind: "verifying" };
    const next = applySnapshot(known, snapshot, 250);
    expect(row(next, 1).standing.kind).toBe("verifying");
    expect(row(next, 2)).toBe(row(known, 2));
  });

  it("does not touch the rows for one that goes on waiting for its server", () => {
    const { engine, known: before } = begin();
    const snapshot = structuredClone(engine.snapshot());
    const first = snapshot.moving.find(({ id }) => id === 1);
    if (first) first.standing = { kind: "waiting", reason: "server", retry_at_ms: null, failure: null };
    const waits = applySnapshot(before, snapshot, 250);
    expect(row(waits, 1).standing.kind).toBe("waiting");
    expect(applySnapshot(waits, structuredClone(snapshot), 500).rows).toBe(waits.rows);
  });

  it("keeps of the details what did not change", () => {
    const { engine, known: before } = begin();
    engine.watch(1);
    engine.advance(1000);
    const known = applySnapshot(before, structuredClone(engine.snapshot()), 1000);
    engine.advance(250);
    const next = applySnapshot(known, structuredClone(engine.snapshot()), 1250);
    expect(next.detail?.sources).toBe(known.detail?.sources);
    expect(next.detail?.rates_bytes_per_s).toBe(known.detail?.rates_bytes_per_s);
    expect(next.detail?.workers).not.toBe(known.detail?.workers);
  });

  it("leaves what stopped moving where it was seen last", () => {
    const { known } = begin();
    const last = known.moving.get(1);
    const next = applySnapshot(known, { at_ms: 1, moving: [], rate_bytes_per_s: 0, detail: null }, 250);
    expect(row(next, 1)).toMatchObject({ bytes: last?.bytes, cells: last?.cells });
    expect(next.moving.size).toBe(0);
  });

  it("keeps a minute of speeds, not more", () => {
    let { known } = begin();
    for (let at_ms = 0; at_ms < 300; at_ms++)
      known = applySnapshot(known, { at_ms, moving: [], rate_bytes_per_s: at_ms, detail: null }, at_ms);
    expect(known.rates_bytes_per_s).toHaveLength(240);
    expect(known.rates_bytes_per_s.at(-1)).toBe(299);
  });
});

describe("an event", () => {
  it("of a pause takes the download out of what moves, whatever snapshot came before", () => {
    const { engine, known } = begin();
    engine.execute({ action: "pause", ids: [1] });
    const paused = structuredClone(engine.downloads.get(1)?.row);
    const next = applyEvent(known, {
      kind: "changed",
      rows: paused ? [paused] : [],
      counts: engine.counts(),
    });
    expect(next.moving.has(1)).toBe(false);
    expect(row(next, 1).standing.kind).toBe("paused");
    expect(row(next, 2)).toBe(row(known, 2));
  });

  it("of a finished file brings it to the front of the finished ones", () => {
    const { engine, known: before } = begin();
    const known = withFinished(before, engine);
    const done: Row = { ...row(known, 1), standing: { kind: "finished" }, finished_at_ms: 2_000_000 };
    const next = applyEvent(known, { kind: "changed", rows: [done], counts: engine.counts() });
    expect(next.rows.has(1)).toBe(false);
    expect(next.finished.rows[0]).toBe(done);
    expect(next.finished.total).toBe((known.finished.total ?? 0) + 1);
    expect(next.finished.stale).toBe(false);
  });

  it("that tells only of another number of finished files has them asked for", () => {
    const { engine, known: before } = begin();
    const known = withFinished(before, engine);
    const { counts } = known;
    const same = applyEvent(known, { kind: "changed", rows: [], counts });
    expect(same.finished.stale).toBe(false);
    const more = applyEvent(known, {
      kind: "changed",
      rows: [],
      counts: { ...counts, finished: counts.finished + 2 },
    });
    expect(more.finished.stale).toBe(true);
  });

  it("of a finished file that does not fit the search leaves the list alone", () => {
    const { engine, known: before } = begin();
    const finished = {
      ...withFinished(before, engine).finished,
      query: { search: "kestrel", category: null },
    };
    const known = { ...before, finished };
    const done: Row = { ...row(known, 1), standing: { kind: "finished" } };
    const next = applyEvent(known, { kind: "changed", rows: [done], counts: engine.counts() });
    expect(next.finished.total).toBe(finished.total);
  });

  it("of a restart takes the download out of the finished ones", () => {
    const { engine, known: before } = begin();
    const known = withFinished(before, engine);
    const again = known.finished.rows[2];
    if (!again) throw new Error("no finished row");
    const next = applyEvent(known, {
      kind: "changed",
      rows: [{ ...again, standing: { kind: "queued" } }],
      counts: engine.counts(),
    });
    expect(next.rows.has(again.id)).toBe(true);
    expect(next.finished.rows.includes(again)).toBe(false);
    expect(next.finished.total).toBe((known.finished.total ?? 0) - 1);
  });

  it("of an undone removal of a finished file asks for the pages anew", () => {
    const { engine, known: before } = begin();
    const known = withFinished(before, engine);
    const gone = known.finished.rows[0];
    if (!gone) throw new Error("no finished row");
    const removed = applyEvent(known, {
      kind: "removed",
      ids: [gone.id],
      undo_until_ms: 0,
      counts: engine.counts(),
    });
    expect(removed.finished.rows.includes(gone)).toBe(false);
    expect(removed.finished.stale).toBe(false);
    const back = applyEvent(removed, { kind: "changed", rows: [gone], counts: engine.counts() });
    expect(back.finished.stale).toBe(true);
  });
});

describe("a page of finished downloads", () => {
  /** Asks for the first page; while it is on its way, without it, a download is finished. */
  const crossed = (known: Known, engine: MockEngine) => {
    const asked = known.finished;
    const done: Row = { ...row(known, 1), standing: { kind: "finished" }, finished_at_ms: 2_000_000 };
    const { finished } = applyEvent(known, { kind: "changed", rows: [done], counts: engine.counts() });
    return { done, finished: withPage(finished, asked, 0, [], 0) };
  };

  it("that crosses with what happened is asked for once more, the very first one too", () => {
    const { engine, known } = begin();
    for (const before of [known, withFinished(known, engine)]) {
      const { done, finished } = crossed(before, engine);
      expect(finished.stale).toBe(true);
      expect(withPage(finished, finished, 0, [done], 1)).toMatchObject({ rows: [done], stale: false });
    }
  });

  it("further down leaves the list as stale as it was", () => {
    const { engine, known: before } = begin();
    const known = withFinished(before, engine).finished;
    const stale = { ...known, stale: true };
    expect(withPage(known, known, 200, [], known.rows.length).stale).toBe(false);
    expect(withPage(stale, stale, 200, [], known.rows.length).stale).toBe(true);
  });
});

describe("a name that turns the direction of text", () => {
  const TURNED = "invoice-\u202egpj.exe";
  const SHOWN = "invoice-gpj.exe";

  it("is shown as it is, whichever way its row came", async () => {
    const { engine, known } = begin();
    const some = { ...row(known, 1), name: TURNED };
    const state = { ...structuredClone(engine.state()), rows: [some] };
    expect(applyState(NOTHING_KNOWN, state, 0).rows.get(1)?.name).toBe(SHOWN);
    const changed = applyEvent(known, { kind: "changed", rows: [some], counts: known.counts });
    expect(changed.rows.get(1)?.name).toBe(SHOWN);
    const transport = {
      execute: async () => ({ kind: "finished", rows: [some], total: 1 }),
    } as unknown as Transport;
    const page = await fetchPage(transport, { search: "", category: null }, 0, 1);
    expect(page?.rows[0]?.name).toBe(SHOWN);
    const other = row(known, 2);
    expect(shownRow(other)).toBe(other);
  });
});

describe("a whole state", () => {
  it("after a lost connection replaces the rows and has finished pages asked for anew", () => {
    const { engine, known: before } = begin();
    const known = withFinished(before, engine);
    engine.execute({ action: "remove", ids: [2], files: "keep" });
    const next = applyState(known, structuredClone(engine.state()), 500);
    expect(next.rows.has(2)).toBe(false);
    expect(next.finished.stale).toBe(true);
    expect(next.finished.rows).toBe(known.finished.rows);
  });
});
