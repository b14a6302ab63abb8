import { useRef } from "react";
import { steadyUnit, type Unit } from "@/lib/format";

/** The unit that a ticking speed is told in; it does not flip at a border. */
export function useSteadyUnit(rate_bytes_per_s: number): Unit {
  const last = useRef<Unit | null>(null);
  last.current = steadyUnit(rate_bytes_per_s, last.current);
  return last.current;
}
