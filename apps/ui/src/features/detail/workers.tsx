import type { TFunction } from "i18next";
import { RotateCcw, Zap } from "lucide-react";
import { memo, useCallback, useLayoutEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Detail, Row, Worker } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";
import type { Format } from "@/lib/format";
import { hueOf } from "./hue";

/** Below this part of what the others get, a worker is slow. */
const SLOW_SHARE = 0.3;
const BEGINNING_BYTES = 256 * 1024;
/** A bar that has only just begun is seen all the same. */
const LEAST_SHARE = 0.012;

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
  const { workers } = detail;
  const [boards] = useState(() => new Map<number, Board>());
  // Four times a second each of sixty-four is elsewhere: that is written into its place, and no row is rendered for it.
  useLayoutEffect(() => {
    const asking = t("worker.asking");
    for (const worker of workers) boards.get(worker.id)?.show(worker, format, asking);
  }, [boards, workers, format, t]);
  if (workers.length === 0) return <p className="py-2 text-muted">{t(`worker.none.${whyNone(row)}`)}</p>;
  const usual = median(
    workers.filter(({ state }) => state !== "asking").map((worker) => worker.rate_bytes_per_s),
  );
  const hosts = new Set(workers.map((worker) => worker.host)).size;
  return (
    <ul className={cx("workers", hosts > 1 && "of-hosts")} onPointerLeave={() => onLight(null)}>
      {workers
        .toSorted((a, b) => a.id - b.id)
        .map((worker) => (
          <WorkerRow
            key={worker.id}
            id={worker.id}
            began={worker.began}
            end={worker.end}
            tries={worker.tries}
            host={hosts > 1 ? worker.host : ""}
            look={lookOf(worker, usual)}
            lit={lit === worker.id}
            onLight={onLight}
            boards={boards}
            t={t}
            format={format}
          />
        ))}
    </ul>
  );
}

/** How a worker's row looks. */
type Look = "asking" | "racing" | "slow" | "usual";

function lookOf(worker: Worker, usual_bytes_per_s: number): Look {
  if (worker.state !== "receiving") return worker.state;
  return isSlow(worker, usual_bytes_per_s) ? "slow" : "usual";
}

interface WorkerProperties extends Pick<Worker, "id" | "began" | "end" | "tries" | "host"> {
  look: Look;
  lit: boolean;
  onLight: (worker: number | null) => void;
  boards: Map<number, Board>;
  /** Looked up once for all. */
  t: TFunction<"detail">;
  format: Format;
}

const WorkerRow = memo(function WorkerRow(properties: WorkerProperties) {
  const { id, began, end, tries, host, look, lit, onLight, boards, t, format } = properties;
  const unusual = look === "slow" || look === "racing";
  const ticks = useCallback(
    (element: HTMLElement | null) => {
      if (!element) return;
      boards.set(id, new Board(element));
      return () => {
        boards.delete(id);
      };
    },
    [boards, id],
  );
  return (
    <li
      ref={ticks}
      className={cx("worker", lit && "lit", look === "asking" && "asking", unusual && "unusual")}
      style={{ "--lit": hueOf(id) } as React.CSSProperties}
      onPointerEnter={() => onLight(id)}
    >
      <span className="worker-number">{numberOf({ id })}</span>
      {host !== "" && (
        <bdi className="worker-host" title={host}>
          {host}
        </bdi>
      )}
      <span className="worker-track">
        <span className="worker-bar" />
      </span>
      <span className="worker-range">{format.stretch(began, end)}</span>
      <span
        className={cx(
          "worker-speed",
          unusual ? "text-gold-text" : look === "asking" ? "text-faint" : "text-text",
        )}
      >
        {tries > 0 && (
          <span className="worker-tries" title={t("worker.tries", { count: tries })}>
            <RotateCcw aria-hidden="true" className="size-2.5" />
            <span aria-hidden="true">{format.number(tries)}</span>
            <span className="sr-only">{t("worker.tries", { count: tries })}, </span>
          </span>
        )}
        {look === "racing" && <Zap aria-hidden="true" className="size-3" />}
        <span className="worker-rate" />
        {unusual && <span className="sr-only">, {t(`worker.${look}`)}</span>}
      </span>
    </li>
  );
});

/** The places of a worker's row in which something ticks. */
class Board {
  readonly #bar: HTMLElement | null;
  readonly #rate = new Text();

  constructor(row: HTMLElement) {
    this.#bar = row.querySelector<HTMLElement>(".worker-bar");
    row.querySelector(".worker-rate")?.replaceChildren(this.#rate);
  }

  show({ began, at, end, state, rate_bytes_per_s }: Worker, format: Format, asking: string): void {
    const share = end > began ? (at - began) / (end - began) : 1;
    if (this.#bar) this.#bar.style.transform = `scaleX(${Math.max(LEAST_SHARE, share).toFixed(3)})`;
    write(this.#rate, state === "asking" ? asking : format.speed(rate_bytes_per_s));
  }
}

function write(place: Text, words: string): void {
  if (place.data !== words) place.data = words;
}

/** People count from one. */
export function numberOf({ id }: Pick<Worker, "id">): number {
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
