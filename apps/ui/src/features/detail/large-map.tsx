import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Lit, type MapSample, RangeMap, toneOf, workerAt } from "@/components/range-map";
import type { Detail, Moving, Row, Worker } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { useEngine } from "@/stores/engine";
import { isAtWork } from "@/stores/reduce";
import { themeShown } from "@/theme/theme";
import { canvasHueOf, hueOf } from "./hue";
import { numberOf } from "./workers";

interface Properties {
  row: Row;
  detail: Detail;
  moving: Moving | undefined;
  lit: number | null;
  onLight: (worker: number | null) => void;
}

/** The file as wide as the panel: exact ranges, every connection, and under the pointer what is where. */
export function LargeMap({ row, detail, moving, lit, onLight }: Properties) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const [at, setAt] = useState<{ x: number; width: number; place: number } | null>(null);
  const source = useSource(row, detail);
  const length = moving?.length ?? row.length;
  const worker = detail.workers.find(({ id }) => id === lit);
  const light = useMemo((): Lit | null => {
    if (!worker) return null;
    return { start: worker.began, end: worker.end, colour: canvasHueOf(worker.id, themeShown()) };
  }, [worker]);

  const move = (event: PointerEvent<HTMLElement>) => {
    if (length === null) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = Math.min(Math.max(0, event.clientX - box.left), box.width);
    const place = Math.floor((x / box.width) * length);
    setAt({ x, width: box.width, place });
    onLight(workerAt(detail.workers, place)?.id ?? null);
  };
  const leave = () => {
    setAt(null);
    onLight(null);
  };

  const bytes = moving?.bytes ?? row.bytes;
  const label = t("mapLabel", {
    share: format.percent(length ? bytes / length : 0),
    length: format.bytes(length ?? bytes),
    count: detail.workers.length,
  });
  return (
    <div className="relative" role="img" aria-label={label} onPointerMove={move} onPointerLeave={leave}>
      <RangeMap sample={source.sample} onSample={source.onSample} lit={light} className="h-11" />
      {at && length !== null && <Hover at={at} worker={worker} detail={detail} length={length} />}
    </div>
  );
}

const HOVER_PX = 232;

function Hover({
  at,
  worker,
  detail,
  length,
}: {
  at: { x: number; width: number; place: number };
  worker: Worker | undefined;
  detail: Detail;
  length: number;
}) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const here = detail.ranges.some(([start, end]) => start <= at.place && at.place < end);
  const left = Math.min(Math.max(0, at.x - HOVER_PX / 2), Math.max(0, at.width - HOVER_PX));
  const from = worker?.began ?? at.place;
  return (
    <div
      aria-hidden="true"
      className="tabular pointer-events-none absolute top-full z-10 mt-2 rounded-small border border-hairline bg-raised px-3 py-2 text-small shadow-float"
      style={{ left, width: HOVER_PX }}
    >
      <div className="flex items-center gap-2 font-medium">
        {worker && <span className="size-2 rounded-full" style={{ background: hueOf(worker.id) }} />}
        {worker ? t("hover.worker", { id: numberOf(worker) }) : t(here ? "hover.here" : "hover.missing")}
        {worker && <span className="ml-auto">{format.speed(worker.rate_bytes_per_s)}</span>}
      </div>
      <div className="text-muted">
        {worker
          ? t("hover.range", { from: format.bytes(from), to: format.bytes(worker.end) })
          : `${format.bytes(at.place)} (${format.percent(at.place / length)})`}
      </div>
    </div>
  );
}

/** Feeds the map from the latest details, without rendering for each frame. */
function useSource(row: Row, detail: Detail) {
  const latest = useRef({ row, detail });
  const listeners = useRef(new Set<() => void>());
  useEffect(() => {
    latest.current = { row, detail };
    for (const listener of listeners.current) listener();
  }, [row, detail]);
  return useMemo(() => {
    let last: MapSample | null = null;
    let lastOf: readonly unknown[] = [];
    return {
      onSample: (listener: () => void) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
      sample: (): MapSample => {
        const { row: now, detail: known } = latest.current;
        const { moving: allMoving, snapshotAt_ms, snapshotEvery_ms } = useEngine.getState();
        const moving = allMoving.get(now.id);
        if (last && lastOf[0] === now && lastOf[1] === known) return last;
        lastOf = [now, known];
        last = {
          length: moving?.length ?? now.length,
          cells: now.cells,
          ranges: known.ranges,
          notches: known.workers.map(({ id, at, end, rate_bytes_per_s }) => [id, at, end, rate_bytes_per_s]),
          tone: toneOf(now),
          live: moving !== undefined && isAtWork(moving.standing),
          at_ms: snapshotAt_ms,
          every_ms: snapshotEvery_ms,
        };
        return last;
      },
    };
  }, []);
}
