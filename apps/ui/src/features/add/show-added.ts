import i18next from "i18next";
import { showToast } from "@/components/ui/toast";
import type { DownloadId, Row } from "@/generated";
import { useEngine } from "@/stores/engine";
import { useUi } from "@/stores/ui";

/** The event that brings a row is on another way than the answer that names it. */
const KNOWN_WITHIN_MS = 1_000;

/** Leads to what was just added: in its place where the list shows it, otherwise by a word that can be followed. */
export async function showAdded(ids: readonly DownloadId[]): Promise<void> {
  const [id] = ids;
  if (id === undefined) return;
  const row = await known(id);
  const { view, search, reveal } = useUi.getState();
  const isShown =
    row && search.trim() === "" && (view.kind === "all" || ("id" in view && row[view.kind] === view.id));
  if (isShown) reveal(id, view);
  else
    showToast({
      subject: "added",
      words: i18next.t("add:added", {
        count: ids.length,
        what: ids.length === 1 && row ? row.name : ids.length,
      }),
      action: { label: i18next.t("add:show"), run: () => reveal(id, { kind: "all" }) },
    });
}

function known(id: DownloadId): Promise<Row | undefined> {
  return new Promise((resolve) => {
    const look = (isLast: boolean) => {
      const { rows, finished } = useEngine.getState();
      const row = rows.get(id) ?? finished.rows.find((one) => one?.id === id);
      if (!row && !isLast) return;
      forget();
      clearTimeout(timer);
      resolve(row);
    };
    const forget = useEngine.subscribe(() => look(false));
    const timer = setTimeout(() => look(true), KNOWN_WITHIN_MS);
    look(false);
  });
}
