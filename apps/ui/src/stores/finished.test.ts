import { afterEach, describe, expect, it } from "vitest";
import type { Command, Reply, Row } from "@/generated";
import { makeRow } from "@/transport/mock/catalogue";
import type { Transport } from "@/transport/types";
import { loadAllFinished, loadFinished, queryFinished, useEngine } from "./engine";
import { EMPTY_FINISHED, type Finished, finishedChanged, finishedUnknown } from "./finished";

const initial = useEngine.getState();
afterEach(() => useEngine.setState(initial, true));

const done = (id: number, name = `file-${id}.iso`): Row =>
  makeRow({ id, name, host: "example.org", standing: { kind: "finished" } });

/** An engine with so many finished downloads, the latest first, that answers as long as it is up. */
class Engine {
  rows = Array.from({ length: 2500 }, (_, place) => done(2500 - place));
  up = true;
  readonly transport: Transport = {
    execute: async (command) => this.#answer(command),
    subscribe: () => () => {},
    watch: () => {},
    desktop: null,
  };
  #answer(command: Command): Reply {
    if (command.action !== "list_finished") throw new Error("nothing else is asked");
    if (!this.up) return { kind: "failed", failure: { code: "internal", message: "", remedy: null } };
    const { offset, count, search } = command.page;
    const fitting = this.rows.filter(({ name }) => search === null || name.includes(search));
    return { kind: "finished", rows: fitting.slice(offset, offset + count), total: fitting.length };
  }
}

const finished = () => useEngine.getState().finished;
const ids = ({ rows }: Finished) => rows.map((row) => row?.id);
const set = (next: Finished) => useEngine.setState({ finished: next });

describe("a list that does not hold any more", () => {
  it("shows no row twice and none too little once it is there anew", async () => {
    const engine = new Engine();
    await queryFinished(engine.transport, { search: "", category: null });
    await loadAllFinished(engine.transport, () => true);
    expect(ids(finished())).toEqual(engine.rows.map(({ id }) => id));
    // While nobody listened three were finished.
    engine.rows.unshift(done(2503), done(2502), done(2501));
    set(finishedUnknown(finished()));
    await loadFinished(engine.transport, 0, 2500);
    const known = ids(finished()).filter((id) => id !== undefined);
    expect(new Set(known).size).toBe(known.length);
    expect(known).toEqual(engine.rows.slice(0, known.length).map(({ id }) => id));
    await loadAllFinished(engine.transport, () => true);
    expect(ids(finished())).toEqual(engine.rows.map(({ id }) => id));
    expect(finished().stale).toBe(false);
  });

  it("keeps what stands where it stood: nothing that is looked at is taken away", async () => {
    const engine = new Engine();
    await queryFinished(engine.transport, { search: "", category: null });
    await loadAllFinished(engine.transport, () => true);
    set(finishedUnknown(finished()));
    await loadFinished(engine.transport, 0, 1000);
    expect(ids(finished())).toEqual(engine.rows.map(({ id }) => id));
  });

  it("takes no page into its midst that was asked for before something moved", async () => {
    const engine = new Engine();
    await queryFinished(engine.transport, { search: "", category: null });
    const page = loadFinished(engine.transport, 1000, 1000);
    const fresh = done(2501);
    set(finishedChanged(finished(), [fresh], [], new Map([[fresh.id, fresh]])));
    await page;
    expect(
      ids(finished())
        .slice(201)
        .every((id) => id === undefined),
    ).toBe(true);
    expect(finished().stale).toBe(true);
  });
});

describe("a question that is not answered", () => {
  it("is known to be open, and is over with the next answer", async () => {
    const engine = new Engine();
    engine.up = false;
    await queryFinished(engine.transport, { search: "", category: null });
    expect(finished()).toMatchObject({ failed: true, stale: true, total: null });
    engine.up = true;
    await loadFinished(engine.transport, 0, 200);
    expect(finished()).toMatchObject({ failed: false, stale: false, total: 2500 });
  });

  it("leaves no rows of another search behind", async () => {
    const engine = new Engine();
    await queryFinished(engine.transport, { search: "", category: null });
    engine.up = false;
    await queryFinished(engine.transport, { search: "file-7", category: null });
    expect(finished().rows).toEqual([]);
    engine.up = true;
    await queryFinished(engine.transport, { search: "file-1", category: null });
    await loadAllFinished(engine.transport, () => true);
    expect(finished().rows.every((row) => row?.name.includes("file-1"))).toBe(true);
  });

  it("leaves what is known of the same search, and takes no other page along", async () => {
    const engine = new Engine();
    await queryFinished(engine.transport, { search: "", category: null });
    engine.up = false;
    await loadFinished(engine.transport, 200, 200);
    expect(ids(finished()).filter((id) => id !== undefined)).toHaveLength(200);
    expect(finished()).toMatchObject({ failed: true, stale: true });
    // The same as it was: nobody looks at it anew, and asks at once again.
    const before = finished();
    await loadFinished(engine.transport, 200, 200);
    expect(finished()).toBe(before);
  });
});

describe("a finished download that is started again", () => {
  const again = (id: number): Row => ({ ...done(id), standing: { kind: "queued" } });

  it("leaves, and where it was not loaded the list is asked for anew", () => {
    const rows = [done(3), undefined, undefined];
    const known: Finished = { ...EMPTY_FINISHED, rows, total: 3, stale: false };
    const seen = finishedChanged(known, [], [again(3)], new Map());
    expect(seen).toMatchObject({ rows: [undefined, undefined], total: 2, stale: false });
    expect(finishedChanged(known, [], [again(2)], new Map())).toMatchObject({ rows, total: 3, stale: true });
  });

  it("is not looked for where all are loaded", () => {
    const known: Finished = { ...EMPTY_FINISHED, rows: [done(3)], total: 1, stale: false };
    expect(finishedChanged(known, [], [again(4)], new Map()).stale).toBe(false);
  });
});

describe("many finished downloads that change at once", () => {
  it("cost the list one walk, however many they are", () => {
    const rows = Array.from({ length: 20_000 }, (_, place) => done(20_000 - place));
    const known: Finished = { ...EMPTY_FINISHED, rows, total: rows.length, stale: false };
    const renamed = rows.slice(0, 5000).map((row) => ({ ...row, category: 3 }));
    const begun_ms = performance.now();
    const next = finishedChanged(known, renamed, [], new Map());
    expect(performance.now() - begun_ms).toBeLessThan(200);
    expect(next.rows.slice(0, 5000)).toEqual(renamed);
    expect(next.rows[5000]).toBe(rows[5000]);
    expect(next).toMatchObject({ total: rows.length, stale: false });
  });

  it("leave where they do not fit any more", () => {
    const query = { search: "file-1", category: null };
    const rows = [done(1), done(10), done(11)];
    const known: Finished = { ...EMPTY_FINISHED, query, answered: query, rows, total: 3, stale: false };
    const next = finishedChanged(known, [done(10, "other.iso")], [], new Map());
    expect(ids(next)).toEqual([1, 11]);
    expect(next.total).toBe(2);
  });
});
