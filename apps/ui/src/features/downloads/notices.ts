import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toast";
import type { Notice } from "@/generated";
import { useNames } from "@/i18n/use-names";
import { shownName } from "@/lib/shown-name";
import { onNotice } from "@/stores/engine";
import { useUi } from "@/stores/ui";

/** News of one sort that comes within so long is told as one. */
const TOGETHER_MS = 5_000;

/** How much of one sort of news was told lately. */
export interface Told {
  count: number;
  at_ms: number;
}

export const NOTHING_TOLD: Told = { count: 0, at_ms: Number.NEGATIVE_INFINITY };

/** Counts another piece of news of one sort. */
export function toldAgain(before: Told, now_ms: number): Told {
  return { count: now_ms - before.at_ms < TOGETHER_MS ? before.count + 1 : 1, at_ms: now_ms };
}

/** Says what finished and what failed, wherever one looks in the list. Once on the page. */
export function useNotices(): void {
  const { t } = useTranslation("downloads");
  const names = useNames();
  useEffect(() => {
    const told = { finished: NOTHING_TOLD, failed: NOTHING_TOLD };
    const about = (notice: Extract<Notice, { kind: "finished" | "failed" }>) => {
      const { kind, id } = notice;
      told[kind] = toldAgain(told[kind], performance.now());
      const { count } = told[kind];
      const name = shownName(notice.name);
      const words =
        count > 1
          ? t(`toast.${kind}Many`, { count })
          : notice.kind === "failed"
            ? t("toast.failedOne", { name, reason: t(`reason.${notice.failure.code}`) })
            : t("toast.finishedOne", { name });
      showToast({
        subject: "news",
        words,
        tone: kind === "failed" ? "failure" : "news",
        shownMs: TOGETHER_MS,
        action: {
          label: t("toast.show"),
          run: () => (count > 1 ? useUi.getState().show({ kind }) : useUi.getState().reveal(id, { kind })),
        },
      });
    };
    return onNotice((notice) => {
      switch (notice.kind) {
        case "finished":
        case "failed":
          about(notice);
          break;
        case "queue_done":
          showToast({ subject: "news", words: t("toast.queueDone", { name: names.queue(notice) }) });
          break;
        case "quitting":
          // The strip that says that the connection is lost says why.
          break;
      }
    });
  }, [t, names]);
}
