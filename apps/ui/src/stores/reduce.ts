import type {
  Category,
  Counts,
  Detail,
  DownloadId,
  Event,
  Moving,
  Queue,
  Root,
  Row,
  Settings,
  Snapshot,
  Standing,
  State,
} from "@/generated";
import { steadyTimeLeft } from "@/lib/format";
import { isSame, shared } from "@/lib/share";
import { shownRow } from "@/lib/shown-name";
import { EMPTY_FINISHED, type Finished, finishedChanged, finishedRemoved, finishedUnknown } from "./finished";

/** How many total speeds are kept for the sparkline: a minute of snapshots. */
const RATES_KEPT = 240;

/** What the engine told, in the shape that screens read. */
export interface Known {
  /** Every download that is not finished. */
  rows: ReadonlyMap<DownloadId, Row>;
  /** What moves now. */
  moving: ReadonlyMap<DownloadId, Moving>;
  /** How long each that loads still takes, kept from jittering: one figure, wherever it is shown. */
  timesLeft_ms: ReadonlyMap<DownloadId, number>;
  finished: Finished;
  queues: readonly Queue[];
  categories: readonly Category[];
  settings: Settings | null;
  roots: readonly Root[];
  counts: Counts;
  programVersion: string;
  rate_bytes_per_s: number;
  rates_bytes_per_s: readonly number[];
  detail: Detail | null;
  /** When the latest snapshot came, by the page's own clock. */
  snapshotAt_ms: number;
  /** How far the latest two snapshots were apart, by the engine's clock. */
  snapshotEvery_ms: number;
  snapshotTakenAt_ms: number;
}

export const NOTHING_KNOWN: Known = {
  rows: new Map(),
  moving: new Map(),
  timesLeft_ms: new Map(),
  finished: EMPTY_FINISHED,
  queues: [],
  categories: [],
  settings: null,
  roots: [],
  counts: { all: 0, finished: 0, categories: [] },
  programVersion: "",
  rate_bytes_per_s: 0,
  rates_bytes_per_s: [],
  detail: null,
  snapshotAt_ms: 0,
  snapshotEvery_ms: 250,
  snapshotTakenAt_ms: 0,
};

/** A whole state replaces what was known; finished pages that were loaded stay on the screen until they came anew. */
export function applyState(known: Known, state: State, now_ms: number): Known {
  const next: Known = {
    ...known,
    rows: new Map(state.rows.map((row) => [row.id, shownRow(row)])),
    moving: new Map(),
    finished: finishedUnknown(known.finished),
    queues: state.queues,
    categories: state.categories,
    settings: state.settings,
    roots: state.roots,
    counts: state.counts,
    programVersion: state.program_version,
    detail: null,
  };
  return applySnapshot(next, state.snapshot, now_ms);
}

/** Takes in all that moves. Rows keep their reference unless where they stand, or how long they are, changed. */
export function applySnapshot(known: Known, snapshot: Snapshot, now_ms: number): Known {
  const moving = new Map<DownloadId, Moving>();
  const changed: Row[] = [];
  for (const next of snapshot.moving) {
    const before = known.moving.get(next.id);
    moving.set(next.id, before && isSame(before, next) ? before : next);
    const row = known.rows.get(next.id);
    if (row && (!isSame(row.standing, next.standing) || row.length !== next.length))
      changed.push({ ...row, standing: next.standing, length: next.length });
  }
  // What does not move any more stays where it was seen last.
  for (const [id, last] of known.moving) {
    const row = known.rows.get(id);
    if (row && !moving.has(id) && isAtWork(row.standing))
      changed.push({ ...row, bytes: last.bytes, cells: last.cells });
  }
  const apart_ms = snapshot.at_ms - known.snapshotTakenAt_ms;
  return {
    ...known,
    rows: changed.length > 0 ? withRows(known.rows, changed) : known.rows,
    moving,
    timesLeft_ms: timesLeft(known.timesLeft_ms, snapshot.moving),
    rate_bytes_per_s: snapshot.rate_bytes_per_s,
    rates_bytes_per_s: [...known.rates_bytes_per_s.slice(1 - RATES_KEPT), snapshot.rate_bytes_per_s],
    detail: withPartsOf(known.detail, snapshot.detail),
    snapshotAt_ms: now_ms,
    snapshotTakenAt_ms: snapshot.at_ms,
    snapshotEvery_ms: apart_ms >= 50 && apart_ms <= 2000 ? apart_ms : known.snapshotEvery_ms,
  };
}

/** Ranges are thousands, and change each time: they are not looked through. */
function withPartsOf(before: Detail | null, next: Detail | null): Detail | null {
  if (!before || !next || before.id !== next.id) return next;
  const { ranges, ...rest } = next;
  const { ranges: _, ...restBefore } = before;
  return { ...shared(restBefore, rest), ranges };
}

function timesLeft(
  before: ReadonlyMap<DownloadId, number>,
  moving: readonly Moving[],
): ReadonlyMap<DownloadId, number> {
  const now = new Map<DownloadId, number>();
  for (const { id, standing, time_left_ms } of moving)
    if (standing.kind === "downloading" && time_left_ms !== null)
      now.set(id, steadyTimeLeft(before.get(id) ?? null, time_left_ms));
  return now;
}

export function applyEvent(known: Known, event: Event): Known {
  switch (event.kind) {
    case "changed":
      return applyChanged(known, event.rows, event.counts);
    case "removed":
      return {
        ...known,
        rows: withoutRows(known.rows, event.ids),
        moving: withoutRows(known.moving, event.ids),
        finished: finishedRemoved(known.finished, event.ids, known.rows),
        counts: event.counts,
      };
    case "queues":
      return { ...known, queues: event.queues };
    case "categories":
      return { ...known, categories: event.categories };
    case "settings":
      return { ...known, settings: event.settings };
    case "roots":
      return { ...known, roots: event.roots };
    case "notice":
      return known;
  }
}

function applyChanged(known: Known, changed: readonly Row[], counts: Counts): Known {
  const rows = changed.map(shownRow);
  const finished = rows.filter((row) => row.standing.kind === "finished");
  const others = rows.filter((row) => row.standing.kind !== "finished");
  const still = rows.filter((row) => !isAtWork(row.standing)).map((row) => row.id);
  const list = finishedChanged(known.finished, finished, others, known.rows);
  // Finished downloads that came in as a list are told of by their number alone.
  const unseen = rows.length === 0 && counts.finished !== known.counts.finished;
  return {
    ...known,
    rows: withRows(
      withoutRows(
        known.rows,
        finished.map((row) => row.id),
      ),
      others,
    ),
    moving: withoutRows(known.moving, still),
    finished: unseen ? finishedUnknown(list) : list,
    counts,
  };
}

/** Whether bytes come, or the server is asked, or digests are being finished. */
export function isAtWork(standing: Standing): boolean {
  return standing.kind === "downloading" || standing.kind === "probing" || standing.kind === "verifying";
}

function withRows(rows: ReadonlyMap<DownloadId, Row>, changed: readonly Row[]): ReadonlyMap<DownloadId, Row> {
  if (changed.length === 0) return rows;
  const next = new Map(rows);
  for (const row of changed) next.set(row.id, row);
  return next;
}

function withoutRows<T>(
  rows: ReadonlyMap<DownloadId, T>,
  ids: readonly DownloadId[],
): ReadonlyMap<DownloadId, T> {
  if (!ids.some((id) => rows.has(id))) return rows;
  const next = new Map(rows);
  for (const id of ids) next.delete(id);
  return next;
}
