import type { DownloadId, Moving, Row, Standing } from "@/generated";
import { type Finished, fitsQuery } from "@/stores/finished";
import { isAtWork } from "@/stores/reduce";
import type { Sort, SortKey, View } from "@/stores/ui";

/** What the list shows, in order. Places of finished downloads that are not loaded yet are holes. */
export interface Listing {
  /** Of everything that fits, loaded or not. */
  total: number;
  at(index: number): Row | undefined;
  indexOf(id: DownloadId): number;
  /** Of what is loaded. */
  ids: readonly DownloadId[];
  /** The place of the first finished download, where those stand together at the end. */
  finishedFrom: number;
}

/** Which part of the list a standing belongs to. */
export function groupOf(standing: Standing): "active" | "waiting" | "finished" | "failed" {
  if (isAtWork(standing)) return "active";
  if (standing.kind === "finished" || standing.kind === "failed") return standing.kind;
  return "waiting";
}

/** Whether a view holds finished downloads at all. */
export function showsFinished(view: View): boolean {
  return view.kind === "all" || view.kind === "finished" || view.kind === "category";
}

/** Whether a download that is not finished belongs to a view. */
export function belongsTo(row: Row, view: View): boolean {
  switch (view.kind) {
    case "all":
      return true;
    case "category":
      return row.category === view.id;
    case "queue":
      return row.queue === view.id;
    default:
      return groupOf(row.standing) === view.kind;
  }
}

/** Whether an order has to be made anew with each snapshot. */
export function isLive(by: SortKey): boolean {
  return by === "speed" || by === "left" || by === "progress" || by === "connections";
}

/** Puts together what the list shows. Finished ones take part in another order only once all of them are loaded. */
export function listingOf(
  rows: ReadonlyMap<DownloadId, Row>,
  moving: ReadonlyMap<DownloadId, Moving>,
  finished: Finished,
  view: View,
  search: string,
  sort: Sort,
): Listing {
  const query = { search, category: null };
  const fitting = [...rows.values()].filter((row) => belongsTo(row, view) && fitsQuery(row, query));
  const done = showsFinished(view) ? finished.rows : [];
  const whole = done.length <= (finished.total ?? 0) && !done.includes(undefined);
  if (sort.by === "order") {
    fitting.sort((a, b) => a.position - b.position || a.id - b.id);
    if (sort.direction === "descending") fitting.reverse();
    return listing(fitting, done);
  }
  const compare = comparison(sort.by, moving);
  const sign = sort.direction === "ascending" ? 1 : -1;
  const ordered = (some: Row[]) =>
    some.sort((a, b) => sign * compare(a, b) || a.position - b.position || a.id - b.id);
  if (!whole) return listing(ordered(fitting), done);
  return listing(ordered([...fitting, ...done.filter((row) => row !== undefined)]), []);
}

/**
 * Whether a download is in the list, or may be: what is not loaded may be any that the list before it did not show
 * either.
 */
export function mayBeIn(listing: Listing, before: Listing | null, id: DownloadId): boolean {
  if (listing.indexOf(id) >= 0) return true;
  const whole = listing.ids.length === listing.total;
  return !whole && (before?.indexOf(id) ?? -1) < 0;
}

function listing(first: readonly Row[], then: readonly (Row | undefined)[]): Listing {
  const places = new Map<DownloadId, number>();
  for (const [index, row] of first.entries()) places.set(row.id, index);
  for (const [index, row] of then.entries()) if (row) places.set(row.id, first.length + index);
  return {
    total: first.length + then.length,
    finishedFrom: first.length,
    at: (index) => (index < first.length ? first[index] : then[index - first.length]),
    indexOf: (id) => places.get(id) ?? -1,
    ids: [...places.keys()],
  };
}

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function comparison(
  by: Exclude<SortKey, "order">,
  moving: ReadonlyMap<DownloadId, Moving>,
): (a: Row, b: Row) => number {
  const least = Number.NEGATIVE_INFINITY;
  const by_number = (value: (row: Row) => number) => (a: Row, b: Row) => {
    const difference = value(a) - value(b);
    return Number.isNaN(difference) ? 0 : difference;
  };
  switch (by) {
    case "name":
      return (a, b) => names.compare(a.name, b.name);
    case "size":
      return by_number((row) => row.length ?? least);
    case "speed":
      return by_number((row) => moving.get(row.id)?.rate_bytes_per_s ?? least);
    case "left":
      return by_number((row) => moving.get(row.id)?.time_left_ms ?? Number.MAX_VALUE);
    case "connections":
      return by_number((row) => moving.get(row.id)?.connections ?? least);
    case "progress":
      return by_number((row) => shareOf(row, moving.get(row.id)) ?? least);
    case "added":
      return by_number((row) => row.added_at_ms);
  }
}

/** How much of a file is there, from 0 to 1; none where that cannot be known. */
export function shareOf(row: Row, moving: Moving | undefined): number | null {
  if (row.standing.kind === "finished") return 1;
  const length = moving?.length ?? row.length;
  if (length === null) return null;
  return length === 0 ? 0 : Math.min(1, (moving?.bytes ?? row.bytes) / length);
}

/** How many downloads there are in each part of the sidebar that the engine does not count itself. */
export interface Tally {
  active: number;
  waiting: number;
  failed: number;
  queues: ReadonlyMap<number, number>;
}

export function tallyOf(rows: ReadonlyMap<DownloadId, Row>): Tally {
  const tally = { active: 0, waiting: 0, failed: 0, finished: 0 };
  const queues = new Map<number, number>();
  for (const row of rows.values()) {
    tally[groupOf(row.standing)]++;
    queues.set(row.queue, (queues.get(row.queue) ?? 0) + 1);
  }
  return { active: tally.active, waiting: tally.waiting, failed: tally.failed, queues };
}
