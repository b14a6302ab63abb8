import { useShallow } from "zustand/react/shallow";
import type { FailureCode, Moving, Remedy, Row, WaitReason } from "@/generated";
import { wholePercents } from "@/lib/format";
import { useEngine } from "@/stores/engine";
import { shareOf } from "./listing";

/** What a row says of where its download stands; words are made of it elsewhere, and only where it changes. */
export type Status =
  | { kind: "queued" | "probing" | "verifying" }
  | { kind: "scheduled"; at_ms: number | null }
  | { kind: "downloading"; percent: number | null }
  | { kind: "paused"; share: number | null }
  | { kind: "waiting"; reason: WaitReason; retryAt_ms: number | null; remedy: Remedy | null }
  | { kind: "finished"; verified: boolean; missing: boolean; took_ms: number }
  | { kind: "failed"; code: FailureCode; message: string; remedy: Remedy | null };

/** Follows where a download stands: the same object for as long as it says the same. */
export function useStatus(row: Row): Status {
  return useEngine(useShallow((state) => statusOf(row, state.moving.get(row.id))));
}

/** Says where a download stands. */
export function statusOf(row: Row, moving: Moving | undefined): Status {
  const standing = moving?.standing ?? row.standing;
  switch (standing.kind) {
    case "queued":
    case "probing":
    case "verifying":
      return { kind: standing.kind };
    case "scheduled":
      return { kind: "scheduled", at_ms: standing.at_ms };
    case "downloading": {
      const share = shareOf(row, moving);
      return { kind: "downloading", percent: share === null ? null : wholePercents(share) };
    }
    case "paused":
      return { kind: "paused", share: row.bytes > 0 ? shareOf(row, moving) : null };
    case "waiting":
      return {
        kind: "waiting",
        reason: standing.reason,
        retryAt_ms: standing.retry_at_ms,
        remedy: remedyOfWaiting(standing.reason),
      };
    case "finished":
      return {
        kind: "finished",
        verified: row.verified?.kind === "by",
        missing: row.missing,
        took_ms: row.active_ms,
      };
    case "failed": {
      const { code, message, remedy } = standing.failure;
      return { kind: "failed", code, message, remedy };
    }
  }
}

function remedyOfWaiting(reason: WaitReason): Remedy | null {
  switch (reason) {
    case "network":
    case "server":
    case "retry":
      return "retry";
    case "disk_full":
    case "disk_gone":
      return "other_folder";
    // It goes on by itself, or the person changes that in the settings.
    case "battery":
    case "metered":
      return null;
  }
}
