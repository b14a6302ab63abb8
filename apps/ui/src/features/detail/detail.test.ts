import { describe, expect, it } from "vitest";
import { algorithmName } from "./facts";
import { canvasHueOf } from "./hue";
import { dataOf, niceTop } from "./speed-chart";
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
    const [seconds, rates] = dataOf([1, 2, 3]);
    expect(seconds).toHaveLength(60);
    expect(seconds.at(-1)).toBe(0);
    expect([...(rates ?? [])].slice(-4)).toEqual([null, 1, 2, 3]);
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
