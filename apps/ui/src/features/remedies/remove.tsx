import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useActions } from "@/commands/actions";
import type { DownloadId } from "@/generated";
import { rowsOf, useEngine } from "@/stores/engine";
import { FormDialog } from "./form-dialog";

/** How many files are named; the others are counted. */
const MOST_NAMED = 6;

interface RemoveDialogProps {
  ids: readonly DownloadId[];
  onClose(): void;
}

/** Asks before files are deleted, and names them. */
export function RemoveDialog({ ids, onClose }: RemoveDialogProps) {
  const { t } = useTranslation("remedies");
  const actions = useActions();
  const asks = useEngine((known) => known.settings?.general.confirmations.deletion ?? true);
  // What is asked about does not change while the question stands.
  const [named] = useState(() => rowsOf(ids));
  const count = ids.length;
  const [first] = named;

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as it opens
  useEffect(() => {
    if (asks) return;
    actions.remove(ids, "delete");
    onClose();
  }, []);

  if (!asks) return null;
  return (
    <FormDialog
      title={t("remove.title", { count, name: first?.name ?? "" })}
      description={t("remove.why", { count })}
      go={t("remove.go", { count })}
      look="danger"
      ready
      commands={() => [{ action: "remove", ids: [...ids], files: "delete" }]}
      onDone={() => actions.offerUndo(ids, "delete", first?.name ?? "")}
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
          <li className="text-muted">{t("remove.more", { count: count - MOST_NAMED })}</li>
        )}
      </ul>
    </FormDialog>
  );
}
