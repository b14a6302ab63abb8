import { create } from "zustand";
import type { DownloadId, Message, Notice, Row, State } from "@/generated";
import { SCHEMA_VERSION } from "@/generated/version";
import type { Connection, Transport, Unsubscribe } from "@/transport/types";
import { type FinishedQuery, fetchPage, MOST_PER_PAGE, PAGE, withoutPage, withPage } from "./finished";
import { applyEvent, applySnapshot, applyState, type Known, NOTHING_KNOWN } from "./reduce";

/** What the engine knows, as far as it told the page; fed by messages only. */
export interface EngineState extends Known {
  connection: Connection;
  /** Whether a whole state has come at all. */
  ready: boolean;
  /** Whether somebody quit the program: a connection that is lost then is no news. */
  quit: boolean;
  /** Another version than the page came with answers: what it tells may not be what the page takes it for. */
  outdated: boolean;
}

export const useEngine = create<EngineState>()(() => ({
  ...NOTHING_KNOWN,
  connection: "connecting",
  ready: false,
  quit: false,
  outdated: false,
}));

/** A download, finished or not, as far as it is loaded. */
export function rowOf(id: DownloadId, { rows, finished }: Known = useEngine.getState()): Row | undefined {
  return rows.get(id) ?? finished.rows.find((row) => row?.id === id);
}

/** Follows a download, finished or not. */
export function useRow(id: DownloadId | null): Row | undefined {
  return useEngine((known) => (id === null ? undefined : rowOf(id, known)));
}

/** Many at once, in the order asked for; what is not loaded is left out. */
export function rowsOf(ids: readonly DownloadId[]): Row[] {
  const { rows, finished } = useEngine.getState();
  const done = new Map(finished.rows.flatMap((row) => (row ? [[row.id, row] as const] : [])));
  return ids.flatMap((id) => rows.get(id) ?? done.get(id) ?? []);
}

const noticeListeners = new Set<(notice: Notice) => void>();

/** How long a download still takes, as it is told everywhere; none where nobody knows. */
export function useTimeLeft(id: DownloadId): number | null {
  return useEngine((state) => state.timesLeft_ms.get(id) ?? null);
}

/** Hears what a person should know. */
export function onNotice(listener: (notice: Notice) => void): Unsubscribe {
  noticeListeners.add(listener);
  return () => noticeListeners.delete(listener);
}

/** Takes a message in, unless it is of a vocabulary that the page does not know. */
export function takeIn(message: Message, now_ms: number): void {
  if (message.kind === "state") useEngine.setState({ outdated: isOutdated(message.state) });
  if (useEngine.getState().outdated) return;
  switch (message.kind) {
    case "state":
      useEngine.setState((known) => ({
        ...applyState(known, message.state, now_ms),
        ready: true,
        quit: false,
      }));
      break;
    case "snapshot":
      useEngine.setState((known) => applySnapshot(known, message.snapshot, now_ms));
      break;
    case "event":
      useEngine.setState((known) => applyEvent(known, message.event));
      if (message.event.kind === "notice" && message.event.notice.kind === "quitting")
        useEngine.setState({ quit: true });
      if (message.event.kind === "notice")
        for (const listener of noticeListeners) listener(message.event.notice);
      break;
  }
}

function isOutdated({ schema_version, program_version }: State): boolean {
  const { ready, programVersion } = useEngine.getState();
  return schema_version !== SCHEMA_VERSION || (ready && program_version !== programVersion);
}

/** Feeds the store from a transport until the returned function is called. */
export function feed(transport: Transport): Unsubscribe {
  return transport.subscribe({
    message: (message) => takeIn(message, performance.now()),
    connection: (connection) => useEngine.setState({ connection }),
  });
}

/** Asks for the finished downloads of another search or category, from the first page on. */
export async function queryFinished(transport: Transport, query: FinishedQuery): Promise<void> {
  useEngine.setState(({ finished }) => ({ finished: { ...finished, query, failed: false } }));
  await loadFinished(transport, 0, PAGE);
}

/** Loads a part of the finished downloads of the present query. */
export async function loadFinished(transport: Transport, offset: number, count: number): Promise<void> {
  const asked = useEngine.getState().finished;
  const reply = await fetchPage(transport, asked.query, offset, Math.min(count, MOST_PER_PAGE));
  useEngine.setState(({ finished }) => ({
    finished: reply
      ? withPage(finished, asked, offset, reply.rows, reply.total)
      : withoutPage(finished, asked),
  }));
}

/** Loads whatever is not loaded yet of the present query, page by page, for as long as it is wanted. */
export async function loadAllFinished(transport: Transport, wanted: () => boolean): Promise<void> {
  for (let offset = 0; wanted(); offset += MOST_PER_PAGE) {
    const { rows, total, failed } = useEngine.getState().finished;
    // Where one was not answered, it is not the time for more.
    if (total === null || offset >= total || failed) return;
    if (rows.slice(offset, offset + MOST_PER_PAGE).includes(undefined))
      await loadFinished(transport, offset, MOST_PER_PAGE);
  }
}
