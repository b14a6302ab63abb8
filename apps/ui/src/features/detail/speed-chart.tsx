import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import { useFormat } from "@/i18n/use-format";
import type { Format } from "@/lib/format";

const HEIGHT_PX = 104;
const AXIS_PX = 70;
/** A short download is not stretched over the whole width. */
const LEAST_SECONDS = 60;

/** Speed over time. Loaded when details are first looked at. */
export default function SpeedChart({ rates }: { rates: readonly number[] }) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(optionsOf(element.clientWidth, format), dataOf([]), element);
    chart.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    observer.observe(element);
    const repaint = new MutationObserver(() => made.redraw(false));
    repaint.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      observer.disconnect();
      repaint.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [format]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart that was made anew has no data yet
  useEffect(() => chart.current?.setData(dataOf(rates)), [rates, format]);

  const seconds = Math.max(LEAST_SECONDS, rates.length);
  return (
    <>
      <div ref={place} role="img" aria-label={t("speed.chart")} style={{ height: HEIGHT_PX }} />
      <div className="flex justify-between text-[11px] leading-4 text-faint" style={{ marginRight: AXIS_PX }}>
        <span>{t("speed.ago", { time: spanWords(seconds, format) })}</span>
        <span>{t("speed.now")}</span>
      </div>
    </>
  );
}

function spanWords(seconds: number, format: Format): string {
  return seconds < 120 ? format.seconds(seconds * 1000) : format.duration(Math.round(seconds / 60) * 60_000);
}

/** Seconds before now, and what was measured then. */
export function dataOf(rates: readonly number[]): uPlot.AlignedData {
  const count = Math.max(LEAST_SECONDS, rates.length);
  const seconds = Array.from({ length: count }, (_, index) => index - count + 1);
  const padded = seconds.map((second) => rates[rates.length - 1 + second] ?? null);
  return [seconds, padded];
}

function optionsOf(width: number, format: Format): uPlot.Options {
  const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return {
    width,
    height: HEIGHT_PX,
    padding: [8, 0, 1, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: () => token("--sea") } },
    scales: { x: { time: false }, y: { range: (_chart, _least, most) => [0, niceTop(most)] } },
    axes: [
      { show: false },
      {
        side: 1,
        stroke: () => token("--text-faint"),
        font: '11px "Inter Variable", system-ui, sans-serif',
        size: AXIS_PX,
        gap: 8,
        grid: { stroke: () => token("--hairline"), width: 1 },
        ticks: { show: false },
        splits: (_chart, _axis, _least, most) => [0, most / 2, most],
        values: (_chart, splits) => splits.map((rate) => (rate === 0 ? "" : format.speed(rate))),
      },
    ],
    series: [
      {},
      {
        stroke: () => token("--sea"),
        width: 1.5,
        fill: () => `color-mix(in oklch, ${token("--sea")} 12%, transparent)`,
        points: { show: false },
      },
    ],
  };
}

const LEAST_TOP_BYTES_PER_S = 900;
const NICE = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The round figure above a speed, for the upper edge of the chart. */
export function niceTop(most_bytes_per_s: number): number {
  const most = Math.max(LEAST_TOP_BYTES_PER_S, most_bytes_per_s || 0);
  const unit = 10 ** Math.floor(Math.log10(most));
  return unit * (NICE.find((step) => step * unit >= most * 1.02) ?? 10);
}
