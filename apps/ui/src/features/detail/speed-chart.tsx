import { memo, type PointerEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/use-format";
import type { Format } from "@/lib/format";

const HEIGHT_PX = 104;
const TOP_PX = 8;
/** At the right, for the figures of the grid. */
const AXIS_PX = 70;
/** A short download is not stretched over the whole width. */
const LEAST_SECONDS = 60;

/** Speed over time: a line, three figures to read it by, and under the pointer what it was then. */
export const SpeedChart = memo(function SpeedChart({ rates }: { rates: readonly number[] }) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const [width_px, setWidth] = useState(0);
  const [pointed, setPointed] = useState<number | null>(null);

  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);

  const seconds = Math.max(LEAST_SECONDS, rates.length);
  const top = niceTop(Math.max(0, ...rates));
  const inner_px = Math.max(0, width_px - AXIS_PX);
  const line = pointsOf(rates, { width_px: inner_px, height_px: HEIGHT_PX - TOP_PX, top });
  const path = line.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");
  const at = pointed === null ? undefined : line[pointed];
  const rate = pointed === null ? undefined : rates[pointed];

  const point = (event: PointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const ago = Math.round((1 - x / Math.max(1, inner_px)) * (seconds - 1));
    setPointed(ago >= 0 && ago < rates.length ? rates.length - 1 - ago : null);
  };

  return (
    <>
      <div
        ref={place}
        role="img"
        aria-label={t("speed.chart")}
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
        className="relative"
        style={{ height: HEIGHT_PX }}
      >
        <svg aria-hidden="true" width={inner_px} height={HEIGHT_PX} className="block overflow-visible">
          <g transform={`translate(0 ${TOP_PX})`}>
            {GRID.map((share) => (
              <line
                key={share}
                x2={inner_px}
                y1={yOf(share)}
                y2={yOf(share)}
                className="stroke-hairline"
                shapeRendering="crispEdges"
              />
            ))}
            {line.length > 1 && (
              <path d={`${path}V${yOf(0)}H${line[0]?.x}Z`} className="fill-sea" fillOpacity="0.12" />
            )}
            <path d={path} fill="none" strokeWidth="1.5" strokeLinejoin="round" className="stroke-sea" />
            {at && (
              <>
                <line x1={at.x} x2={at.x} y2={yOf(0)} className="stroke-control" strokeDasharray="2 3" />
                <circle cx={at.x} cy={at.y} r="3.5" className="fill-sea" />
              </>
            )}
          </g>
        </svg>
        {GRID.filter((share) => share > 0).map((share) => (
          <span
            key={share}
            aria-hidden="true"
            className="tabular absolute right-0 -translate-y-1/2 text-[11px] leading-4 text-faint"
            style={{ top: TOP_PX + yOf(share), width: AXIS_PX - 8 }}
          >
            {format.scale(share * top)}
          </span>
        ))}
        {at && rate !== undefined && (
          <span
            aria-hidden="true"
            className="tabular pointer-events-none absolute top-0 rounded-small border border-hairline bg-raised px-1.5 text-[11px] leading-4.5 whitespace-nowrap shadow-float"
            style={at.x > inner_px / 2 ? { right: width_px - at.x + 8 } : { left: at.x + 8 }}
          >
            {format.speed(rate)}
          </span>
        )}
      </div>
      <div className="flex justify-between text-[11px] leading-4 text-faint" style={{ marginRight: AXIS_PX }}>
        <span>{t("speed.ago", { time: spanWords(seconds, format) })}</span>
        <span>{t("speed.now")}</span>
      </div>
    </>
  );
});

const GRID = [0, 0.5, 1] as const;

function yOf(share: number): number {
  return (1 - share) * (HEIGHT_PX - TOP_PX - 1);
}

function spanWords(seconds: number, format: Format): string {
  return seconds < 120 ? format.seconds(seconds * 1000) : format.duration(Math.round(seconds / 60) * 60_000);
}

/** Where each speed is drawn: one a second, the newest at the right edge, a minute over the width at least. */
export function pointsOf(
  rates: readonly number[],
  { width_px, height_px, top }: { width_px: number; height_px: number; top: number },
): { x: number; y: number }[] {
  const step_px = width_px / (Math.max(LEAST_SECONDS, rates.length) - 1);
  const tenth = (value: number) => Math.round(value * 10) / 10;
  return rates.map((rate, index) => ({
    x: tenth(width_px - (rates.length - 1 - index) * step_px),
    y: tenth((1 - rate / top) * (height_px - 1)),
  }));
}

const LEAST_TOP_BYTES_PER_S = 900;
const NICE = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The round figure above a speed, for the upper edge of the chart. */
export function niceTop(most_bytes_per_s: number): number {
  const most = Math.max(LEAST_TOP_BYTES_PER_S, most_bytes_per_s || 0);
  const unit = 10 ** Math.floor(Math.log10(most));
  return unit * (NICE.find((step) => step * unit >= most * 1.02) ?? 10);
}
