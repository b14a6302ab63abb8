import type { Cells } from "@/generated";

/** `[start, end)`. */
export type Range = [number, number];

export const MOST_CELLS = 256;

/** Adds a range to ascending, disjoint ranges, and joins what touches. */
export function insertRange(ranges: readonly Range[], added: Range): Range[] {
  const [start, end] = added;
  if (end <= start) return [...ranges];
  const before = ranges.filter((range) => range[1] < start);
  const after = ranges.filter((range) => range[0] > end);
  const touched = ranges.slice(before.length, ranges.length - after.length);
  const joined: Range = [
    Math.min(start, touched[0]?.[0] ?? start),
    Math.max(end, touched[touched.length - 1]?.[1] ?? end),
  ];
  return [...before, joined, ...after];
}

export function sumRanges(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
}

/** What of `[0, length)` is in none of the ranges. */
export function gapsOf(ranges: readonly Range[], length: number): Range[] {
  const gaps: Range[] = [];
  let at = 0;
  for (const [start, end] of ranges) {
    if (start > at) gaps.push([at, start]);
    at = Math.max(at, end);
  }
  if (at < length) gaps.push([at, length]);
  return gaps;
}

/** How full each of the file's cells is, as the wire has it. */
export function cellsOf(ranges: readonly Range[], length: number | null): Cells {
  if (!length) return "";
  const count = Math.min(MOST_CELLS, length);
  const width = length / count;
  const filled = new Float64Array(count);
  for (const [start, end] of ranges) {
    const last = Math.min(count - 1, Math.ceil(end / width) - 1);
    for (let cell = Math.floor(start / width); cell <= last; cell++) {
      const overlap = Math.min(end, (cell + 1) * width) - Math.max(start, cell * width);
      filled[cell] = (filled[cell] ?? 0) + Math.max(0, overlap);
    }
  }
  let text = "";
  for (const bytes of filled) {
    const fullness = bytes >= width - 1e-6 ? 255 : Math.min(254, Math.floor((bytes / width) * 255));
    text += fullness.toString(16).padStart(2, "0");
  }
  return text;
}
