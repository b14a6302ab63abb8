import { Plus } from "lucide-react";
import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import type { LogEntry, LogKind, Source } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";

const COLOURS: Record<LogKind, string> = {
  progress: "bg-sea",
  notice: "bg-mist",
  trouble: "bg-gold",
  failure: "bg-coral",
};

/** What happened to a download, the latest first. */
export const Log = memo(function Log({ log }: { log: readonly LogEntry[] }) {
  const { t, i18n } = useTranslation("detail");
  const format = useFormat();
  const clock = useMemo(
    () => new Intl.DateTimeFormat(i18n.language, { timeStyle: "medium" }),
    [i18n.language],
  );
  if (log.length === 0) return <p className="py-2 text-muted">{t("logEmpty")}</p>;
  return (
    <ol className="py-1">
      {log.toReversed().map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have no name, and only the newest changes
        <li key={log.length - index} className="flex items-baseline gap-3 py-1">
          <time className="tabular w-20 shrink-0 text-small text-faint" title={format.moment(entry.at_ms)}>
            {clock.format(entry.at_ms)}
          </time>
          <span
            aria-hidden="true"
            className={cx("size-1.5 shrink-0 -translate-y-0.5 rounded-full", COLOURS[entry.kind])}
          />
          <span className={cx("min-w-0 break-words", entry.kind === "failure" && "text-coral-text")}>
            <span lang="en">{entry.text}</span>
            {entry.times > 1 && <span className="text-faint"> {t("times", { count: entry.times })}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
});

interface SourcesProperties {
  sources: readonly Source[];
  /** Adds another; none where it is too late for that. */
  onAdd: (() => void) | null;
}

/** Where a download comes from. */
export const Sources = memo(function Sources({ sources, onAdd }: SourcesProperties) {
  const { t } = useTranslation("detail");
  return (
    <ul className="py-1">
      {sources.map((source) => (
        <li key={source.url} className="flex items-baseline gap-3 py-1">
          <span
            aria-hidden="true"
            className={cx(
              "size-1.5 shrink-0 -translate-y-0.5 rounded-full",
              source.state.kind === "used" ? "bg-kelp" : "bg-mist",
            )}
          />
          <span className="min-w-0 flex-1">
            <bdi className="block wrap-anywhere">{source.url}</bdi>
            <span className="text-small text-muted">
              {source.state.kind === "used" ? t("source.used") : t("source.dropped")}
              {source.state.kind !== "used" && <span lang="en"> {source.state.reason}</span>}
            </span>
          </span>
        </li>
      ))}
      {onAdd && (
        <li className="py-2">
          <Button icon={<Plus />} onClick={onAdd} className="sm:h-7">
            {t("source.add")}
          </Button>
        </li>
      )}
    </ul>
  );
});
