import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toast";
import { openDialog } from "@/dialogs/store";
import type { Command, DownloadId, FileChoice, Priority, QueueId, Remedy, Row } from "@/generated";
import { copyText } from "@/lib/copy-text";
import { rowsOf, useEngine } from "@/stores/engine";
import { useTransport } from "@/transport/context";
import type { Desktop } from "@/transport/types";
import { offerUndo } from "./undo";
import { type Order, useOrders } from "./use-orders";

type Ids = readonly DownloadId[];

/** Everything that downloads can have done to them. What goes wrong is said in a toast. */
export interface Actions {
  resume(ids: Ids): void;
  pause(ids: Ids): void;
  /** Pauses what runs, or resumes what does not: what the space bar does. */
  toggle(ids: Ids): void;
  resumeAll(): void;
  pauseAll(): void;
  restart(ids: Ids): void;
  remove(ids: Ids, files: FileChoice): void;
  /** Offers to take back what was removed just now, together with what was before as long as that is offered still. */
  offerUndo(ids: Ids, files: FileChoice, name: string): void;
  copyLinks(ids: Ids): void;
  move(ids: Ids, place: "first" | "last" | DownloadId): void;
  toQueue(ids: Ids, queue: QueueId): void;
  toCategory(ids: Ids, category: number | null): void;
  prioritise(ids: Ids, priority: Priority): void;
  runQueue(id: QueueId, run: "start" | "stop"): void;
  switchLimit(on: boolean): void;
  limitAll(limit_bytes_per_s: number | null): void;
  limit(ids: Ids, limit_bytes_per_s: number | null): void;
  /** How many connections each may have; none is what the settings say. */
  connect(ids: Ids, connections: number | null): void;
  mend(row: Row, remedy: Remedy): void;
}

export function useActions(): Actions {
  const order = useOrders();
  const { desktop } = useTransport();
  const { t } = useTranslation(["downloads", "common", "remedies"]);
  return useMemo(() => actionsOver(order, desktop, t), [order, desktop, t]);
}

type Translate = TFunction<["downloads", "common", "remedies"]>;

function actionsOver(order: Order, desktop: Desktop | null, t: Translate): Actions {
  const start = (command: Command): void => void order(command);

  const actions: Actions = {
    resume: (ids) => start({ action: "resume", ids: [...ids] }),
    pause: (ids) => start({ action: "pause", ids: [...ids] }),
    toggle: (ids) => (ids.some(isRunning) ? actions.pause(ids) : actions.resume(ids)),
    resumeAll: () => start({ action: "resume_all" }),
    pauseAll: () => start({ action: "pause_all" }),
    restart: (ids) => start({ action: "restart", ids: [...ids] }),
    remove: (ids, files) => void remove(ids, files),
    offerUndo: (ids, files, name) =>
      offerUndo(
        { ids, files, name },
        {
          words: (wanted, count, first) =>
            wanted === "delete"
              ? t("remedies:remove.deleted", { count })
              : t("downloads:toast.removed", { count, name: first }),
          label: t("common:undo"),
          bringBack: (all) => start({ action: "undo_remove", ids: all }),
        },
      ),
    copyLinks: (ids) => void copyLinks(ids),
    move: (ids, place) =>
      start({
        action: "move_in_order",
        ids: inOrder(ids),
        queue: null,
        place: typeof place === "number" ? { kind: "before", id: place } : { kind: place },
      }),
    toQueue: (ids, queue) =>
      start({ action: "move_in_order", ids: inOrder(ids), queue, place: { kind: "last" } }),
    toCategory: (ids, category) => start({ action: "set_category", ids: [...ids], category }),
    prioritise: (ids, priority) => start({ action: "set_priority", ids: [...ids], priority }),
    runQueue: (id, wanted) => start({ action: "run_queue", id, run: wanted }),
    switchLimit: (on) => start({ action: "switch_limit", on }),
    limitAll: (limit_bytes_per_s) => void limitAll(limit_bytes_per_s),
    limit: (ids, limit_bytes_per_s) =>
      start({ action: "set_limit", scope: { kind: "downloads", ids: [...ids] }, limit_bytes_per_s }),
    connect: (ids, connections) => start({ action: "set_connections", ids: [...ids], connections }),
    mend: (row, remedy) => {
      switch (remedy) {
        case "retry":
        case "free_space":
          return actions.resume([row.id]);
        case "restart":
          return actions.restart([row.id]);
        case "new_link":
          return openDialog({ kind: "new_link", id: row.id });
        case "credentials":
          return openDialog({ kind: "credentials", id: row.id });
        case "other_folder":
          return openDialog({ kind: "folder", ids: [row.id] });
      }
    },
  };

  async function remove(ids: Ids, files: FileChoice): Promise<void> {
    // Before it is gone.
    const name = rowsOf(ids.slice(0, 1))[0]?.name ?? "";
    const reply = await order({ action: "remove", ids: [...ids], files });
    if (reply?.kind === "removed") actions.offerUndo(ids, files, name);
  }

  async function copyLinks(ids: Ids): Promise<void> {
    const reply = await order({ action: "copy_links", ids: [...ids] });
    if (reply?.kind !== "addresses") return;
    const { urls } = reply;
    try {
      await copyText(desktop, urls.join("\n"));
      showToast({ subject: "copied", words: t("downloads:toast.copied", { count: urls.length }) });
    } catch {
      showToast({ subject: "copied", tone: "failure", words: t("downloads:toast.copyFailed") });
    }
  }

  async function limitAll(limit_bytes_per_s: number | null): Promise<void> {
    if (limit_bytes_per_s === null) return start({ action: "switch_limit", on: false });
    await order({ action: "set_limit", scope: { kind: "all" }, limit_bytes_per_s });
    await order({ action: "switch_limit", on: true });
  }

  return actions;
}

function isRunning(id: DownloadId): boolean {
  const kind = useEngine.getState().rows.get(id)?.standing.kind;
  return kind !== undefined && kind !== "paused" && kind !== "failed";
}

/** Chosen rows keep their order among themselves, whatever the order they were chosen in. */
function inOrder(ids: Ids): DownloadId[] {
  const { rows } = useEngine.getState();
  return [...ids].sort((a, b) => (rows.get(a)?.position ?? 0) - (rows.get(b)?.position ?? 0));
}
