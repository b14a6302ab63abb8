import { describe, expect, it } from "vitest";
import { algorithmName } from "./facts";
import { canvasHueOf } from "./hue";
import { niceTop, pointsOf } from "./speed-chart";
import { median } from "./workers";

describe("the chart", () => {
  it.each([
    [0, 1000],
    [118e6, 150e6],
    [150e6, 200e6],
    [9.9e6, 10e6],
    [37, 1000],
  ])("over %d ends at %d", (most, top) => {
    expect(niceTop(most)).toBe(top);
  });

  it("has the newest speed at now, and a minute at least", () => {
    const drawn = pointsOf([0, 50, 100], { width_px: 590, height_px: 101, top: 100 });
    expect(drawn).toEqual([
      { x: 570, y: 100 },
      { x: 580, y: 50 },
      { x: 590, y: 0 },
    ]);
    const long = pointsOf(new Array(120).fill(1), { width_px: 590, height_px: 101, top: 100 });
    expect(long[0]?.x).toBe(0);
  });
});

describe("a digest", () => {
  it.each([
    ["sha256", "SHA-256"],
    ["sha-512", "SHA-512"],
    ["md5", "MD5"],
    ["blake3", "BLAKE3"],
  ])("%s is written %s", (algorithm, name) => {
    expect(algorithmName(algorithm)).toBe(name);
  });
});

describe("workers", () => {
  it("have hues that are far apart", () => {
    const hues = Array.from({ length: 8 }, (_, worker) => canvasHueOf(worker, "dark"));
    expect(new Set(hues).size).toBe(8);
    expect(hues[1]).not.toContain("var(");
  });

  it("are held against the middle one", () => {
    expect(median([1, 9, 4])).toBe(4);
    expect(median([])).toBe(0);
  });
});
