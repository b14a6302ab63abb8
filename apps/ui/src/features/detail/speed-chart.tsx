import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import { useFormat } from "@/i18n/use-format";
import type { Format } from "@/lib/format";

const HEIGHT_PX = 116;
const AXIS_PX = 60;
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
    const made = new uPlot(
      optionsOf(element.clientWidth, format, t("speed.now"), (time) => t("speed.ago", { time })),
      dataOf([]),
      element,
    );
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
  }, [format, t]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart that was made anew has no data yet
  useEffect(() => chart.current?.setData(dataOf(rates)), [rates, format, t]);

  return <div ref={place} role="img" aria-label={t("speed.chart")} style={{ height: HEIGHT_PX }} />;
}

/** Seconds before now, and what was measured then. */
export function dataOf(rates: readonly number[]): uPlot.AlignedData {
  const count = Math.max(LEAST_SECONDS, rates.length);
  const seconds = Array.from({ length: count }, (_, index) => index - count + 1);
  const padded = seconds.map((second) => rates[rates.length - 1 + second] ?? null);
  return [seconds, padded];
}

function optionsOf(width: number, format: Format, now: string, ago: (time: string) => string): uPlot.Options {
  const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const font = '11px "Inter Variable", system-ui, sans-serif';
  return {
    width,
    height: HEIGHT_PX,
    padding: [6, 2, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: () => token("--sea") } },
    scales: { x: { time: false }, y: { range: (_chart, _least, most) => [0, Math.max(most * 1.08, 1000)] } },
    axes: [
      {
        stroke: () => token("--text-faint"),
        font,
        size: 22,
        grid: { show: false },
        ticks: { show: false },
        splits: (_chart, _axis, least) => [least, least / 2, 0],
        values: (_chart, splits) =>
          splits.map((second) => (second === 0 ? now : ago(format.duration(-second * 1000)))),
      },
      {
        side: 1,
        stroke: () => token("--text-faint"),
        font,
        size: AXIS_PX,
        gap: 8,
        grid: { stroke: () => token("--hairline"), width: 1 },
        ticks: { show: false },
        splits: (_chart, _axis, _least, most) => [0, most / 2.16, most / 1.08],
        values: (_chart, splits) => splits.map((rate) => (rate === 0 ? "" : format.speed(rate))),
      },
    ],
    series: [
      {},
      {
        stroke: () => token("--sea"),
        width: 1.5,
        fill: () => `color-mix(in oklch, ${token("--sea")} 14%, transparent)`,
        points: { show: false },
      },
    ],
  };
}
