import { describe, expect, it } from "vitest";
import type { Message } from "@/generated";
import { MockEngine } from "./engine";
import { cellsOf, gapsOf, insertRange, type Range, sumRanges } from "./ranges";
import { SCENARIOS } from "./scenarios";

const engineOf = (scenario: (typeof SCENARIOS)[number], seed = 1) =>
  new MockEngine({ scenario, seed, start_ms: 1_800_000_000_000 });

describe("ranges", () => {
  it.each<[Range[], Range, Range[]]>([
    [[], [0, 5], [[0, 5]]],
    [[[0, 5]], [5, 9], [[0, 9]]],
    [
      [
        [0, 5],
        [8, 10],
      ],
      [3, 8],
      [[0, 10]],
    ],
    [
      [[0, 5]],
      [7, 9],
      [
        [0, 5],
        [7, 9],
      ],
    ],
    [[[2, 5]], [5, 5], [[2, 5]]],
  ])("%j with %j are %j", (ranges, added, joined) => {
    expect(insertRange(ranges, added)).toEqual(joined);
  });

  it("leave gaps", () => {
    expect(
      gapsOf(
        [
          [2, 4],
          [6, 8],
        ],
        10,
      ),
    ).toEqual([
      [0, 2],
      [4, 6],
      [8, 10],
    ]);
  });

  it("fill at most 256 cells, full only where every byte is there", () => {
    expect(cellsOf([[0, 511]], 512)).toMatch(/^(ff){255}7f$/);
    expect(cellsOf([[0, 3]], 3)).toBe("ffffff");
    expect(cellsOf([], 0)).toBe("");
  });
});

describe("the simulated engine", () => {
  it.each(SCENARIOS)(
    "tells the same of %s each time",
    (scenario) => {
      const [a, b] = [engineOf(scenario, 7), engineOf(scenario, 7)];
      a.advance(5000);
      b.advance(5000);
      expect(a.state()).toEqual(b.state());
    },
    20_000,
  );

  it("finishes a file without losing or inventing a byte", () => {
    const engine = engineOf("busy");
    const messages: Message[] = [];
    engine.subscribe((message) => messages.push(message));
    for (let step = 0; step < 240 && engine.downloads.get(1)?.row.standing.kind !== "finished"; step++) {
      engine.advance(1000);
      const transfer = engine.downloads.get(1)?.transfer;
      expect(transfer?.bytes).toBeLessThanOrEqual(6.1e9);
      expect(transfer?.bytes).toBe(sumRanges(transfer?.done ?? []));
    }
    expect(engine.downloads.get(1)?.row).toMatchObject({ bytes: 6.1e9, standing: { kind: "finished" } });
    const numbers = messages.slice(1).map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  }, 30_000);

  it("steals from workers that are slow, and races at the end", () => {
    const engine = engineOf("busy");
    engine.advance(60_000);
    const texts =
      engine
        .detail(1)
        ?.log.map(({ text }) => text)
        .join() ?? "";
    expect(texts).toMatch(/second half/);
    expect(texts).toMatch(/race/);
  }, 20_000);

  it("takes a removal back", () => {
    const engine = engineOf("busy");
    const before = engine.counts();
    engine.execute({ action: "remove", ids: [1, 13], files: "keep" });
    expect(engine.counts().all).toBe(before.all - 2);
    engine.execute({ action: "undo_remove", ids: [1, 13] });
    expect(engine.counts()).toEqual(before);
  });

  it("moves downloads before another", () => {
    const engine = engineOf("busy");
    engine.execute({ action: "move_in_order", ids: [6, 5], queue: null, place: { kind: "before", id: 2 } });
    const order = [...engine.downloads.values()]
      .map(({ row }) => row)
      .sort((a, b) => a.position - b.position);
    expect(order.slice(0, 4).map(({ id }) => id)).toEqual([1, 6, 5, 2]);
  });

  it("holds a limit", () => {
    const engine = engineOf("busy");
    engine.execute({ action: "set_limit", scope: { kind: "all" }, limit_bytes_per_s: 3_000_000 });
    engine.execute({ action: "switch_limit", on: true });
    engine.advance(20_000);
    expect(engine.detail(1)?.cause).toMatchObject({ kind: "user_limit" });
    const first = engine.snapshot().moving.find(({ id }) => id === 1);
    expect(first?.rate_bytes_per_s).toBeLessThan(1_500_000);
  });
});
