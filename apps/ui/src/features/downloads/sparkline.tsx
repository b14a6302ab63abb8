import { useEffect, useRef } from "react";
import { useEngine } from "@/stores/engine";

const WIDTH_PX = 112;
const HEIGHT_PX = 20;
/** How many speeds are drawn: half a minute of snapshots. */
const POINTS = 120;
const LEAST_POINTS = 8;
const TALLEST = 0.9;

/** The speed of everything over the last half minute. Drawn apart from React, four times a second. */
export function Sparkline() {
  const line = useRef<SVGPathElement>(null);
  useEffect(() => {
    const draw = () => line.current?.setAttribute("d", pathOf(useEngine.getState().rates_bytes_per_s));
    draw();
    return useEngine.subscribe((state, before) => {
      if (state.rates_bytes_per_s !== before.rates_bytes_per_s) draw();
    });
  }, []);
  return (
    <svg aria-hidden="true" width={WIDTH_PX} height={HEIGHT_PX} viewBox={`0 0 ${WIDTH_PX} ${HEIGHT_PX}`}>
      <line x2={WIDTH_PX} y1={HEIGHT_PX - 1} y2={HEIGHT_PX - 1} className="stroke-hairline" />
      <path
        ref={line}
        fill="none"
        stroke="var(--sea)"
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}

/** The line through the latest speeds, the newest at the right edge. */
export function pathOf(rates: readonly number[]): string {
  const drawn = rates.slice(-POINTS);
  // A few points are a scratch, not a course.
  if (drawn.length < LEAST_POINTS) return "";
  const most = Math.max(1, ...drawn);
  const step = WIDTH_PX / (POINTS - 1);
  const first = WIDTH_PX - (drawn.length - 1) * step;
  // What was not seen from its beginning rises from nothing, instead of hanging in the air.
  const ground = `M${first.toFixed(1)} ${HEIGHT_PX - 1}`;
  const line = drawn.map((rate, index) => {
    const y = HEIGHT_PX - 1 - (rate / most) * (HEIGHT_PX - 2) * TALLEST;
    return `${(first + index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  return drawn.length < POINTS ? `${ground}L${line.join("L")}` : `M${line.join("L")}`;
}
