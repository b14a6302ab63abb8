import type { CategoryId, DownloadId, Reply, Row } from "@/generated";
import { shownRow } from "@/lib/shown-name";
import type { Transport } from "@/transport/types";

/** How many finished downloads are asked for at once. */
export const PAGE = 200;
/** The most that the engine gives at once. */
export const MOST_PER_PAGE = 1000;

/** Which finished downloads are asked for. */
export interface FinishedQuery {
  search: string;
  category: CategoryId | null;
}

/** The finished downloads as far as they are loaded, the latest first. */
export interface Finished {
  query: FinishedQuery;
  /** How many fit the query; none where nothing was asked yet. */
  total: number | null;
  /** By place; holes are not loaded yet. */
  rows: readonly (Row | undefined)[];
  /** Something happened that the loaded pages cannot follow by themselves. */
  stale: boolean;
  /** How often something happened to finished downloads: a page that was asked for before may not know of it. */
  changes: number;
}

export const EMPTY_FINISHED: Finished = {
  query: { search: "", category: null },
  total: null,
  rows: [],
  stale: true,
  changes: 0,
};

/** Holds a row against a query as the engine does. */
export function fitsQuery(row: Row, { search, category }: FinishedQuery): boolean {
  if (category !== null && row.category !== category) return false;
  const text = search.toLowerCase();
  return text === "" || row.name.toLowerCase().includes(text) || row.host.toLowerCase().includes(text);
}

/** What became finished goes to the front; what is not finished any more leaves. */
export function finishedChanged(
  finished: Finished,
  nowFinished: readonly Row[],
  others: readonly Row[],
  rowsBefore: ReadonlyMap<DownloadId, Row>,
): Finished {
  if (nowFinished.length === 0 && others.every((row) => rowsBefore.has(row.id))) return finished;
  const changes = finished.changes + 1;
  if (finished.total === null) return { ...finished, changes };
  let { rows, total, stale } = finished;
  for (const row of nowFinished) {
    const place = rows.findIndex((known) => known?.id === row.id);
    if (place >= 0) {
      rows = rows.with(place, row);
    } else if (rowsBefore.has(row.id)) {
      if (!fitsQuery(row, finished.query)) continue;
      rows = [row, ...rows];
      total++;
    } else stale = true;
  }
  for (const row of others) {
    const place = rows.findIndex((known) => known?.id === row.id);
    if (place < 0) continue;
    rows = rows.toSpliced(place, 1);
    total--;
  }
  return { ...finished, rows, total, stale, changes };
}

/** What was removed leaves; what was not loaded makes the list stale. */
export function finishedRemoved(
  finished: Finished,
  ids: readonly DownloadId[],
  rowsBefore: ReadonlyMap<DownloadId, Row>,
): Finished {
  const gone = new Set(ids.filter((id) => !rowsBefore.has(id)));
  if (gone.size === 0) return finished;
  const changes = finished.changes + 1;
  if (finished.total === null) return { ...finished, changes };
  const rows = finished.rows.filter((row) => row === undefined || !gone.has(row.id));
  const found = finished.rows.length - rows.length;
  return {
    ...finished,
    rows,
    total: Math.max(0, finished.total - found),
    stale: finished.stale || found < gone.size,
    changes,
  };
}

/** Nobody knows what happened to them. */
export function finishedUnknown(finished: Finished): Finished {
  return { ...finished, stale: true, changes: finished.changes + 1 };
}

/**
 * Puts a page that came into its place, unless another query is asked by now. `asked` is what was known when it was asked
 * for: what happened since may be in the page or not, and so it is asked for once more.
 */
export function withPage(
  finished: Finished,
  asked: Finished,
  offset: number,
  page: readonly Row[],
  total: number,
): Finished {
  if (finished.query !== asked.query) return finished;
  const rows = Array.from({ length: total }, (_, place) =>
    place >= offset && place < offset + page.length ? page[place - offset] : finished.rows[place],
  );
  const stale = finished.changes !== asked.changes || (offset > 0 && finished.stale);
  return { ...finished, rows, total, stale };
}

/** Asks for a page. */
export async function fetchPage(
  transport: Transport,
  { search, category }: FinishedQuery,
  offset: number,
  count: number,
): Promise<Extract<Reply, { kind: "finished" }> | null> {
  const reply = await transport.execute({
    action: "list_finished",
    page: { offset, count, search: search === "" ? null : search, category },
  });
  return reply.kind === "finished" ? { ...reply, rows: reply.rows.map(shownRow) } : null;
}
