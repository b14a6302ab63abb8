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
  /** The query that the rows answer: until its first page is there, those of the one before are shown. */
  answered: FinishedQuery;
  /** How many fit the query; none where nothing was asked yet. */
  total: number | null;
  /** By place; holes are not loaded yet. */
  rows: readonly (Row | undefined)[];
  /** Something happened that the loaded pages cannot follow by themselves. */
  stale: boolean;
  /** The latest question was not answered; it is asked again. */
  failed: boolean;
  /** How often something happened to finished downloads: a page that was asked for before may not know of it. */
  changes: number;
}

const EVERYTHING: FinishedQuery = { search: "", category: null };

export const EMPTY_FINISHED: Finished = {
  query: EVERYTHING,
  answered: EVERYTHING,
  total: null,
  rows: [],
  stale: true,
  failed: false,
  changes: 0,
};

/** Holds a row against a query as the engine does. */
export function fitsQuery(row: Row, { search, category }: FinishedQuery): boolean {
  if (category !== null && row.category !== category) return false;
  const text = search.toLowerCase();
  return text === "" || row.name.toLowerCase().includes(text) || row.host.toLowerCase().includes(text);
}

/** What became finished goes to the front; what is not finished any more, or does not fit any more, leaves. */
export function finishedChanged(
  finished: Finished,
  nowFinished: readonly Row[],
  others: readonly Row[],
  rowsBefore: ReadonlyMap<DownloadId, Row>,
): Finished {
  if (nowFinished.length === 0 && others.every((row) => rowsBefore.has(row.id))) return finished;
  const changes = finished.changes + 1;
  if (finished.total === null) return { ...finished, changes };
  const done = new Map(nowFinished.map((row) => [row.id, row]));
  const undone = new Set(others.map((row) => row.id));
  // Each of them is new, or was finished before.
  const strange = new Set(others.filter((row) => !rowsBefore.has(row.id)).map((row) => row.id));
  // The list may be long, and much may change at once: it is gone through once.
  const kept: (Row | undefined)[] = [];
  let left = 0;
  for (const row of finished.rows) {
    const now = row && done.get(row.id);
    if (row) {
      done.delete(row.id);
      strange.delete(row.id);
    }
    if (row && (undone.has(row.id) || (now && !fitsQuery(now, finished.query)))) left++;
    else kept.push(now ?? row);
  }
  const unseen = [...done.values()];
  const fresh = unseen.filter((row) => rowsBefore.has(row.id) && fitsQuery(row, finished.query)).reverse();
  return {
    ...finished,
    rows: [...fresh, ...kept],
    total: finished.total + fresh.length - left,
    // What was finished before, and is not loaded, may stand anywhere; or have stood there.
    stale:
      finished.stale ||
      unseen.some((row) => !rowsBefore.has(row.id)) ||
      (strange.size > 0 && kept.includes(undefined)),
    changes,
  };
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
  const crossed = finished.changes !== asked.changes;
  // Nobody knows any more where in the list it belongs.
  if (crossed && offset > 0) return { ...finished, stale: true, failed: false };
  const others = keepsItsPlace(finished, asked, offset, page, total) ? finished.rows : [];
  const rows = Array.from({ length: total }, (_, place) =>
    place >= offset && place < offset + page.length ? page[place - offset] : others[place],
  );
  const stale = crossed || (offset > 0 && finished.stale);
  return { ...finished, rows, total, stale, failed: false, answered: finished.query };
}

/**
 * Whether what is loaded beside a page stands where it stood. A list that did not hold any more is asked for anew from its
 * beginning: where that is as it was, and as long, so is the rest. What moved would be shown twice, or not at all.
 */
function keepsItsPlace(
  finished: Finished,
  asked: Finished,
  offset: number,
  page: readonly Row[],
  total: number,
): boolean {
  if (finished.answered !== finished.query) return false;
  if (offset > 0 || !asked.stale) return true;
  return total === finished.total && page.every((row, place) => row.id === finished.rows[place]?.id);
}

/** No page came: it is asked for again. Rows of another query do not stand for those of this one. */
export function withoutPage(finished: Finished, asked: Finished): Finished {
  if (finished.query !== asked.query) return finished;
  const known = finished.answered === finished.query ? finished : { ...finished, rows: [], total: null };
  return known.stale && known.failed ? known : { ...known, stale: true, failed: true };
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
