import { useMemo } from "react";
import type { DownloadId } from "@/generated";
import { type Format, steadyUnit, type Unit } from "@/lib/format";
import type { EngineState } from "@/stores/engine";
import type { Figure } from "./ticking";

/** A speed, told in a unit that does not flip at a border. Nothing is said of none. */
export function speedFigure(
  format: Format,
  value: (state: EngineState) => number | null,
): Figure<number | null> {
  let unit: Unit | null = null;
  return {
    value,
    words: (rate_bytes_per_s) => {
      if (rate_bytes_per_s === null) return "";
      unit = steadyUnit(rate_bytes_per_s, unit);
      return format.speed(rate_bytes_per_s, unit);
    },
  };
}

/** The speed of a download while it loads. */
export function useSpeedFigure(id: DownloadId, format: Format): Figure<number | null> {
  return useMemo(
    () =>
      speedFigure(format, ({ moving }) => {
        const own = moving.get(id);
        return own?.standing.kind === "downloading" ? own.rate_bytes_per_s : null;
      }),
    [id, format],
  );
}

/** How long a download still takes, after what stands `before` it; nothing where nobody knows. */
export function useTimeLeftFigure(id: DownloadId, format: Format, before = ""): Figure<number | null> {
  return useMemo(
    () => ({
      value: ({ timesLeft_ms }) => timesLeft_ms.get(id) ?? null,
      words: (left_ms) => (left_ms === null ? "" : before + format.timeLeft(left_ms)),
    }),
    [id, format, before],
  );
}
