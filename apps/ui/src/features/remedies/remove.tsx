import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toast";
import type { DownloadId, Row } from "@/generated";
import { useEngine } from "@/stores/engine";
import { useTransport } from "@/transport/context";
import { FormDialog } from "./form-dialog";

/** How many files are named; the others are counted. */
const MOST_NAMED = 6;

interface RemoveDialogProps {
  ids: readonly DownloadId[];
  onClose(): void;
}

/** Asks before files are deleted, and names them. */
export function RemoveDialog({ ids, onClose }: RemoveDialogProps) {
  const { t } = useTranslation(["remedies", "common"]);
  const transport = useTransport();
  const rows = useEngine((known) => known.rows);
  const finished = useEngine((known) => known.finished.rows);
  const asks = useEngine((known) => known.settings?.general.confirmations.deletion ?? true);
  const chosen = new Set(ids);
  const named: Row[] = [
    ...ids.flatMap((id) => rows.get(id) ?? []),
    ...finished.flatMap((row) => (row && chosen.has(row.id) ? [row] : [])),
  ];
  const count = ids.length;
  const [first] = named;

  const offerUndo = () =>
    showToast({
      subject: "removed",
      words: t("remedies:remove.deleted", { count }),
      action: {
        label: t("common:undo"),
        run: () => void transport.execute({ action: "undo_remove", ids: [...ids] }),
      },
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as it opens
  useEffect(() => {
    if (asks) return;
    void transport.execute({ action: "remove", ids: [...ids], files: "delete" }).then((reply) => {
      if (reply.kind === "removed") offerUndo();
      onClose();
    });
  }, []);

  if (!asks) return null;
  return (
    <FormDialog
      title={t("remedies:remove.title", { count, name: first?.name ?? "" })}
      description={t("remedies:remove.why", { count })}
      go={t("remedies:remove.go", { count })}
      look="danger"
      ready
      commands={() => [{ action: "remove", ids: [...ids], files: "delete" }]}
      onDone={offerUndo}
      onClose={onClose}
    >
      <ul className="flex flex-col gap-1">
        {named.slice(0, MOST_NAMED).map((row) => (
          <li key={row.id} className="min-w-0">
            <bdi className="block truncate font-medium" title={row.name}>
              {row.name}
            </bdi>
            <bdi className="block truncate text-small text-faint">{row.folder}</bdi>
          </li>
        ))}
        {count > MOST_NAMED && (
          <li className="text-muted">{t("remedies:remove.more", { count: count - MOST_NAMED })}</li>
        )}
      </ul>
    </FormDialog>
  );
}
