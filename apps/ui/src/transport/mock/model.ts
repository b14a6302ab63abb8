import type { DownloadId, Row } from "@/generated";
import type { Transfer } from "./transfer";

/** The queue that always exists. */
export const MAIN_QUEUE = 1;

/** One simulated download: what the list shows, and the file on its way. */
export interface Simulated {
  row: Row;
  transfer: Transfer;
  /** How long its present standing lasts before the next one comes, where that goes by itself. */
  left_ms: number | null;
}

export interface Removed {
  simulated: Simulated;
  until_ms: number;
}

export interface World {
  downloads: Map<DownloadId, Simulated>;
  removed: Map<DownloadId, Removed>;
}
