import { describe, expect, it } from "vitest";
import type { Notch } from "@/generated";
import {
  CLOSES_IN_MS,
  closing,
  cutsBetween,
  Follower,
  parseCells,
  project,
  spansOfCells,
  spansOfRanges,
  timeToMove,
  workerAt,
} from "./geometry";
import { looksAlike, type Picture } from "./paint";

const notch = (at: number, end: number, rate_bytes_per_s = 1000, worker = 1): Notch => [
  worker,
  at,
  end,
  rate_bytes_per_s,
];

describe("cells", () => {
  it("are read from hexadecimal, and what is none is empty", () => {
    expect([...parseCells("00ff80zz")]).toEqual([0, 255, 128, 0]);
    expect([...parseCells("")]).toEqual([]);
  });

  it("join where full ones touch, and a partial one ends a piece", () => {
    expect(spansOfCells(Uint8Array.of(255, 255, 0, 255))).toEqual([
      { start: 0, end: 0.5 },
      { start: 0.75, end: 1 },
    ]);
    const [partial] = spansOfCells(Uint8Array.of(51, 0));
    expect(partial?.end).toBeCloseTo(0.1);
  });

  it("are nothing where the length is not known", () => {
    expect(spansOfCells(parseCells(""))).toEqual([]);
    expect(spansOfRanges([[0, 5]], 0)).toEqual([]);
  });
});

describe("a worker between snapshots", () => {
  it("goes on by its measured speed", () => {
    expect(project(notch(1000, 9000), undefined, 100, 250)).toBe(1100);
  });

  it("is never more than one snapshot beyond what is known", () => {
    expect(project(notch(1000, 9000), undefined, 60_000, 250)).toBe(1250);
    expect(project(notch(1000, 9000), 5000, 0, 250)).toBe(1250);
  });

  it("never leaves its range", () => {
    expect(project(notch(1000, 1100), undefined, 250, 250)).toBe(1100);
  });

  it("stands still where no bytes come, or time runs backwards", () => {
    expect(project(notch(1000, 9000, 0), undefined, 200, 250)).toBe(1000);
    expect(project(notch(1000, 9000, -5), undefined, -200, 250)).toBe(1000);
  });

  it("never jumps back while a snapshot says a little less than was thought", () => {
    const follower = new Follower();
    const places: number[] = [];
    for (const at of [0, 240, 470, 730])
      for (const elapsed_ms of [0, 60, 120, 180, 240])
        places.push(follower.heads([notch(at, 10_000)], 10_000, elapsed_ms, 250)[0]?.at ?? -1);
    for (const [index, place] of places.entries())
      expect(place).toBeGreaterThanOrEqual(places[index - 1] ?? 0);
  });

  it("begins anew where its range is another one", () => {
    const follower = new Follower();
    follower.heads([notch(5000, 6000)], 10_000, 0, 250);
    expect(follower.heads([notch(1000, 2000)], 10_000, 0, 250)[0]?.at).toBe(0.1);
  });

  it("races where another heads for the same end", () => {
    const heads = new Follower().heads(
      [notch(0, 500, 1, 1), notch(200, 500, 1, 2), notch(600, 900, 1, 3)],
      1000,
      0,
      250,
    );
    expect(heads.map(({ racing }) => racing)).toEqual([true, true, false]);
  });
});

describe("a map that moves", () => {
  const headAt = (at: number) => ({ worker: 1, known: 0, at, end: 1, racing: false });

  it("is due when its fastest worker will have gone a step", () => {
    const notches = [notch(0, 10_000, 100, 1), notch(0, 10_000, 1000, 2)];
    const heads = [headAt(0), headAt(0)];
    expect(timeToMove(notches, heads, heads, 10_000, 0.01)).toBeCloseTo(100);
    expect(timeToMove(notches, heads, [headAt(0), headAt(0.005)], 10_000, 0.01)).toBeCloseTo(50);
  });

  it("is due no more where nobody moves, or all are at their ends", () => {
    expect(timeToMove([notch(0, 9, 0)], [headAt(0)], [headAt(0)], 10, 0.01)).toBe(Number.POSITIVE_INFINITY);
    expect(timeToMove([notch(9, 9)], [headAt(1)], [headAt(1)], 9, 0.01)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is drawn anew only where somebody could see it", () => {
    const picture: Picture = {
      spans: [{ start: 0, end: 0.5 }],
      heads: [headAt(0.5)],
      tone: "sea",
      closed: 0,
      travelling: null,
      cuts: [],
      lit: null,
    };
    const alike = (change: Partial<Picture>) => looksAlike(picture, { ...picture, ...change }, 0.001);
    expect(alike({ spans: [{ start: 0, end: 0.5005 }], heads: [headAt(0.5005)] })).toBe(true);
    expect(alike({ spans: [{ start: 0, end: 0.502 }] })).toBe(false);
    expect(alike({ spans: [] })).toBe(false);
    expect(alike({ heads: [headAt(0.502)] })).toBe(false);
    expect(alike({ heads: [{ ...headAt(0.5), racing: true }] })).toBe(false);
    expect(alike({ heads: [] })).toBe(false);
    expect(alike({ tone: "mist" })).toBe(false);
    expect(alike({ closed: 0.1 })).toBe(false);
    expect(alike({ cuts: [{ at: 0.5, left: 1 }] })).toBe(false);
    expect(alike({ lit: { span: { start: 0, end: 1 }, colour: "red" } })).toBe(false);
  });
});

describe("a steal", () => {
  it("is seen where a worker's end came nearer", () => {
    expect(cutsBetween([notch(0, 1000)], [notch(10, 500), notch(500, 1000, 1, 2)])).toEqual([500]);
  });

  it("is none where a worker took another range, or nothing changed", () => {
    expect(cutsBetween([notch(0, 1000)], [notch(10, 1000)])).toEqual([]);
    expect(cutsBetween([notch(900, 1000)], [notch(2000, 3000)])).toEqual([]);
    expect(cutsBetween([notch(900, 1000)], [notch(100, 300)])).toEqual([]);
  });
});

describe("under the pointer", () => {
  const workers = [
    { id: 1, began: 0, at: 50, end: 100 },
    { id: 2, began: 40, at: 90, end: 100 },
  ];
  it.each([
    [10, 1],
    [60, 1],
    [85, 2],
    [100, undefined],
  ])("byte %d belongs to %s", (place, id) => {
    expect(workerAt(workers, place)?.id).toBe(id);
  });
});

describe("a finished file", () => {
  it("closes within 300 ms, eased, and stays closed", () => {
    expect(CLOSES_IN_MS).toBeLessThanOrEqual(300);
    expect(closing(0, 0)).toBe(0);
    expect(closing(0, 150)).toBeGreaterThan(0.5);
    expect(closing(0, 300)).toBe(1);
    expect(closing(0, 9000)).toBe(1);
  });
});
