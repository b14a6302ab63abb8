import { useTranslation } from "react-i18next";
import type { Detail, LogKind } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";

const COLOURS: Record<LogKind, string> = {
  progress: "bg-sea",
  notice: "bg-mist",
  trouble: "bg-gold",
  failure: "bg-coral",
};

/** What happened to a download, the latest first. */
export function Log({ detail }: { detail: Detail }) {
  const { t, i18n } = useTranslation("detail");
  const format = useFormat();
  if (detail.log.length === 0) return <p className="py-2 text-muted">{t("logEmpty")}</p>;
  const clock = new Intl.DateTimeFormat(i18n.language, { timeStyle: "medium" });
  return (
    <ol className="py-1">
      {detail.log.toReversed().map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have no name, and only the newest changes
        <li key={detail.log.length - index} className="flex items-baseline gap-3 py-1">
          <time className="tabular w-20 shrink-0 text-small text-faint" title={format.moment(entry.at_ms)}>
            {clock.format(entry.at_ms)}
          </time>
          <span
            aria-hidden="true"
            className={cx("size-1.5 shrink-0 -translate-y-0.5 rounded-full", COLOURS[entry.kind])}
          />
          <span className={cx("min-w-0 break-words", entry.kind === "failure" && "text-coral-text")}>
            {entry.text}
            {entry.times > 1 && <span className="text-faint"> {t("times", { count: entry.times })}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Where a download comes from. */
export function Sources({ detail }: { detail: Detail }) {
  const { t } = useTranslation("detail");
  return (
    <ul className="py-1">
      {detail.sources.map((source) => (
        <li key={source.url} className="flex items-baseline gap-3 py-1">
          <span
            aria-hidden="true"
            className={cx(
              "size-1.5 shrink-0 -translate-y-0.5 rounded-full",
              source.state.kind === "used" ? "bg-kelp" : "bg-mist",
            )}
          />
          <span className="min-w-0 flex-1">
            <bdi className="block break-all">{source.url}</bdi>
            <span className="text-small text-muted">
              {source.state.kind === "used"
                ? t("source.used")
                : t("source.dropped", { reason: source.state.reason })}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
