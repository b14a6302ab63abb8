import type { TFunction } from "i18next";
import { Zap } from "lucide-react";
import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Detail, Row, Worker } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";
import type { Format } from "@/lib/format";
import { hueOf } from "./hue";

/** Below this part of what the others get, a worker is slow. */
const SLOW_SHARE = 0.3;
const BEGINNING_BYTES = 256 * 1024;

interface Properties {
  row: Row;
  detail: Detail;
  lit: number | null;
  onLight: (worker: number | null) => void;
}

/** Every connection: how far it is with its range, how fast, and what is the matter with it. */
export function Workers({ row, detail, lit, onLight }: Properties) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  if (detail.workers.length === 0)
    return <p className="py-2 text-muted">{t(`worker.none.${whyNone(row)}`)}</p>;
  const usual = median(
    detail.workers.filter(({ state }) => state !== "asking").map((worker) => worker.rate_bytes_per_s),
  );
  const hosts = new Set(detail.workers.map((worker) => worker.host)).size;
  const workers = detail.workers.toSorted((a, b) => a.id - b.id);
  return (
    <ul className="workers" onPointerLeave={() => onLight(null)}>
      {workers.map((worker) => (
        <WorkerRow
          key={worker.id}
          worker={worker}
          slow={isSlow(worker, usual)}
          hostShown={hosts > 1}
          lit={lit === worker.id}
          onLight={onLight}
          t={t}
          format={format}
        />
      ))}
    </ul>
  );
}

interface WorkerProperties {
  worker: Worker;
  slow: boolean;
  hostShown: boolean;
  lit: boolean;
  onLight: (worker: number | null) => void;
  /** Looked up once for all. */
  t: TFunction<"detail">;
  format: Format;
}

const WorkerRow = memo(function WorkerRow(properties: WorkerProperties) {
  const { worker, slow, hostShown, lit, onLight, t, format } = properties;
  const share = worker.end > worker.began ? (worker.at - worker.began) / (worker.end - worker.began) : 1;
  const asking = worker.state === "asking";
  const racing = worker.state === "racing";
  const { began, end, host, tries } = worker;
  // Four times a second for each of sixty-four, and the range seldom changes.
  const words = useMemo(() => {
    const parts = [
      hostShown ? host : "",
      `${format.bytes(began)} – ${format.bytes(end)}`,
      tries > 0 ? t("worker.tries", { count: tries }) : "",
    ];
    return parts.filter(Boolean).join(" · ");
  }, [hostShown, host, began, end, tries, t, format]);
  return (
    <li
      className={cx("worker", lit && "lit", asking && "asking", (slow || racing) && "unusual")}
      style={{ "--lit": hueOf(worker.id) } as React.CSSProperties}
      title={words}
      onPointerEnter={() => onLight(worker.id)}
    >
      <span className="worker-number">{numberOf(worker)}</span>
      <span className="worker-track">
        <span className="worker-bar" style={{ transform: `scaleX(${Math.max(0.012, share).toFixed(4)})` }} />
      </span>
      <span className="worker-left">{format.bytes(worker.end - worker.at)}</span>
      <span
        className={cx(
          "worker-speed",
          slow || racing ? "text-gold-text" : asking ? "text-faint" : "text-text",
        )}
      >
        {racing && <Zap aria-hidden="true" className="size-3" />}
        {asking ? t("worker.asking") : format.speed(worker.rate_bytes_per_s)}
        {(slow || racing) && <span className="sr-only">, {t(racing ? "worker.racing" : "worker.slow")}</span>}
      </span>
    </li>
  );
});

/** People count from one. */
export function numberOf({ id }: Worker): number {
  return id + 1;
}

/** One that only just began is not slow yet. */
function isSlow({ state, at, began, rate_bytes_per_s }: Worker, usual_bytes_per_s: number): boolean {
  return (
    state === "receiving" && at - began > BEGINNING_BYTES && rate_bytes_per_s < usual_bytes_per_s * SLOW_SHARE
  );
}

function whyNone(row: Row): "paused" | "finished" | "waiting" | "failed" | "active" {
  switch (row.standing.kind) {
    case "paused":
    case "finished":
    case "failed":
      return row.standing.kind;
    case "downloading":
    case "probing":
      return "active";
    case "verifying":
      return "finished";
    default:
      return "waiting";
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
