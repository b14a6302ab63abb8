import type { Cells, Notch } from "@/generated";

/** A part of the file, as shares of its length from 0 to 1. */
export interface Span {
  start: number;
  end: number;
}

/** A worker's place as it is drawn. */
export interface Head {
  worker: number;
  /** The first byte that came since the snapshot, as a share. */
  known: number;
  /** Where the worker is thought to be now, as a share. */
  at: number;
  /** Where its range ends, as a share. */
  end: number;
  /** Whether another worker heads for the same end. */
  racing: boolean;
}

/** Reads the wire's cells: how full each is, 0 to 255. What is not hexadecimal is empty. */
export function parseCells(cells: Cells): Uint8Array {
  const fullness = new Uint8Array(cells.length >> 1);
  for (let cell = 0; cell < fullness.length; cell++) {
    const high = digitAt(cells, cell * 2);
    const low = digitAt(cells, cell * 2 + 1);
    fullness[cell] = high < 0 || low < 0 ? 0 : high * 16 + low;
  }
  return fullness;
}

/** The value of a hexadecimal digit, negative where it is none. Some thousands are read four times a second. */
function digitAt(text: string, place: number): number {
  const code = text.charCodeAt(place);
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** What is filled, joined where full cells touch. A partly filled cell is drawn from its beginning: workers go that way. */
export function spansOfCells(fullness: Uint8Array): Span[] {
  const spans: Span[] = [];
  const width = 1 / Math.max(1, fullness.length);
  for (const [cell, value] of fullness.entries()) {
    if (value === 0) continue;
    const start = cell * width;
    const end = (cell + value / 255) * width;
    const last = spans[spans.length - 1];
    if (last && start - last.end < width * 1e-6) last.end = end;
    else spans.push({ start, end });
  }
  return spans;
}

/** Exact ranges as shares. */
export function spansOfRanges(ranges: readonly (readonly [number, number])[], length: number): Span[] {
  if (length <= 0) return [];
  return ranges.map(([start, end]) => ({ start: start / length, end: end / length }));
}

/**
 * Where a worker is thought to be: on from the last snapshot by its measured speed, never back, and never more than one
 * snapshot beyond what is known to be on disk.
 */
export function project(
  [, at, end, rate_bytes_per_s]: Notch,
  shown: number | undefined,
  elapsed_ms: number,
  every_ms: number,
): number {
  const perMs = Math.max(0, rate_bytes_per_s) / 1000;
  const target = at + perMs * Math.min(Math.max(0, elapsed_ms), every_ms);
  const farthest = Math.min(end, at + perMs * every_ms);
  return Math.min(Math.max(target, shown ?? at), farthest);
}

/** Follows workers from frame to frame, so that a notch never jumps back while it works on one range. */
export class Follower {
  #shown = new Map<number, number>();

  heads(notches: readonly Notch[], length: number, elapsed_ms: number, every_ms: number): Head[] {
    const shown = new Map<number, number>();
    const ends = new Map<number, number>();
    for (const [, , end] of notches) ends.set(end, (ends.get(end) ?? 0) + 1);
    const heads = notches.map((notch): Head => {
      const [worker, known, end] = notch;
      const before = this.#shown.get(worker);
      // A place outside the present range belongs to the one before.
      const usable = before !== undefined && before >= known && before <= end ? before : undefined;
      const at = project(notch, usable, elapsed_ms, every_ms);
      shown.set(worker, at);
      return {
        worker,
        known: known / length,
        at: at / length,
        end: end / length,
        racing: (ends.get(end) ?? 0) > 1,
      };
    });
    this.#shown = shown;
    return heads;
  }
}

/** In how many milliseconds a notch that is on its way will have gone so far from where it is drawn; none where it stands. */
export function timeToMove(
  notches: readonly Notch[],
  drawn: readonly Head[],
  now: readonly Head[],
  length: number,
  step: number,
): number {
  let least_ms = Number.POSITIVE_INFINITY;
  for (const [place, [, , , rate_bytes_per_s]] of notches.entries()) {
    const head = now[place];
    const before = drawn[place];
    if (!head || !before || rate_bytes_per_s <= 0 || head.at >= head.end) continue;
    const left = Math.max(0, step - Math.abs(head.at - before.at));
    least_ms = Math.min(least_ms, (left * length * 1000) / rate_bytes_per_s);
  }
  return least_ms;
}

/** A place where a range was cut in two, because another worker took the rest. */
export interface Cut {
  at: number;
  since_ms: number;
}

/** Finds the cuts between two snapshots: a worker went on in its range, whose end came nearer. */
export function cutsBetween(before: readonly Notch[], after: readonly Notch[]): number[] {
  const known = new Map(before.map((notch) => [notch[0], notch]));
  return after.flatMap(([worker, at, end]) => {
    const [, atBefore, endBefore] = known.get(worker) ?? NONE;
    return atBefore <= at && at < end && end < endBefore ? [end] : [];
  });
}

const NONE: Notch = [-1, Number.POSITIVE_INFINITY, 0, 0];

/** Which worker's range holds a place; the one that is nearest behind it where several do. */
export function workerAt<T extends { began: number; end: number; at: number }>(
  workers: readonly T[],
  place: number,
): T | null {
  let found: T | null = null;
  for (const worker of workers) {
    if (place < worker.began || place >= worker.end) continue;
    if (!found || Math.abs(worker.at - place) < Math.abs(found.at - place)) found = worker;
  }
  return found;
}

/** How far a motion of 300 ms is, eased. */
export function closing(since_ms: number, now_ms: number): number {
  const t = Math.min(1, Math.max(0, (now_ms - since_ms) / CLOSES_IN_MS));
  return 1 - (1 - t) ** 3;
}

export const CLOSES_IN_MS = 300;
