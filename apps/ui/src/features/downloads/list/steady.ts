import { useRef } from "react";
import { steadyTimeLeft, steadyUnit, type Unit } from "@/lib/format";

/** The unit that a ticking speed is told in; it does not flip at a border. */
export function useSteadyUnit(rate_bytes_per_s: number): Unit {
  const last = useRef<Unit | null>(null);
  last.current = steadyUnit(rate_bytes_per_s, last.current);
  return last.current;
}

/** A time left that stays while the estimate only trembles. */
export function useSteadyTimeLeft(estimate_ms: number | null): number | null {
  const last = useRef<number | null>(null);
  last.current = estimate_ms === null ? null : steadyTimeLeft(last.current, estimate_ms);
  return last.current;
}
