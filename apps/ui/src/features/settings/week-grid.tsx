import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { SegmentedControl } from "@/components/ui/segmented";
import type { LimitHour } from "@/generated";
import { cx } from "@/lib/cx";

const DAYS = 7;
const HOURS = 24;
const KINDS = ["free", "limited", "off"] as const;

/** Monday, 1 January 2024, in UTC: a week to take the names of its days from. */
const A_MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

const LOOKS: Record<LimitHour, string> = {
  free: "bg-track",
  limited: "bg-sea",
  off: "bg-coral bg-[repeating-linear-gradient(45deg,transparent_0_3px,var(--raised)_3px_4.5px)]",
};

interface WeekGridProps {
  /** 7 × 24, from Monday 00:00. */
  hours: readonly LimitHour[];
  onChange(hours: LimitHour[]): void;
}

/**
 * The week, an hour a cell, to be painted: with the pointer, by a rectangle; with the keys, by walking with the arrows
 * and painting with Space, or by Shift and the arrows.
 */
export function WeekGrid({ hours, onChange }: WeekGridProps) {
  const { t, i18n } = useTranslation("settings");
  const [brush, setBrush] = useState<LimitHour>("limited");
  const [cursor, setCursor] = useState(0);
  const [stroke, setStroke] = useState<{ from: number; to: number } | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const dayNames = new Intl.DateTimeFormat(i18n.language, { weekday: "short", timeZone: "UTC" });
  const longDayNames = new Intl.DateTimeFormat(i18n.language, { weekday: "long", timeZone: "UTC" });
  const shown = stroke ? paint(hours, stroke.from, stroke.to, brush) : hours;

  const focus = (cell: number) => {
    setCursor(cell);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${cell}"]`)?.focus();
  };
  const press = (event: KeyboardEvent) => {
    const to = walk(cursor, event.key);
    if (to !== null) {
      if (event.shiftKey) onChange(paint(paint(hours, cursor, cursor, brush), to, to, brush));
      focus(to);
    } else if (event.key === " " || event.key === "Enter") onChange(paint(hours, cursor, cursor, brush));
    else return;
    event.preventDefault();
  };
  const cellAt = (event: PointerEvent) => {
    const element = document.elementFromPoint(event.clientX, event.clientY);
    const cell = element instanceof HTMLElement ? element.dataset.cell : undefined;
    return cell === undefined ? null : Number(cell);
  };

  return (
    <div className="flex flex-col gap-2">
      <SegmentedControl
        label={t("weekly.brush")}
        value={brush}
        onChange={(kind: LimitHour) => setBrush(kind)}
        choices={KINDS.map((kind) => ({
          value: kind,
          label: t(`weekly.${kind}`),
          icon: (
            <span aria-hidden className={cx("size-3 rounded-[3px] border border-control", LOOKS[kind])} />
          ),
        }))}
        className="self-start"
      />
      <div>
        {/* biome-ignore lint/a11y/useSemanticElements: a table cannot be painted on */}
        <div
          ref={grid}
          role="grid"
          tabIndex={-1}
          aria-label={t("item.weekly.title")}
          onKeyDown={press}
          onPointerDown={(event) => {
            const cell = cellAt(event);
            if (cell === null) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            setStroke({ from: cell, to: cell });
          }}
          onPointerMove={(event) => {
            const cell = stroke ? cellAt(event) : null;
            if (stroke && cell !== null && cell !== stroke.to) setStroke({ ...stroke, to: cell });
          }}
          onPointerUp={() => {
            if (!stroke) return;
            onChange(paint(hours, stroke.from, stroke.to, brush));
            focus(stroke.to);
            setStroke(null);
          }}
          onPointerCancel={() => setStroke(null)}
          className="flex touch-none flex-col gap-0.5 select-none"
        >
          {Array.from({ length: DAYS }, (_, day) => (
            // biome-ignore lint/a11y/useSemanticElements: it belongs to the grid above
            // biome-ignore lint/a11y/useFocusableInteractive: its cells take the focus
            // biome-ignore lint/suspicious/noArrayIndexKey: days do not move
            <div key={day} role="row" className="flex items-center gap-0.5">
              {/* biome-ignore lint/a11y/useSemanticElements: it belongs to the grid above */}
              {/* biome-ignore lint/a11y/useFocusableInteractive: it only names the day */}
              <span role="rowheader" className="w-10 shrink-0 text-small text-muted max-sm:w-8">
                {dayNames.format(A_MONDAY + day * DAY_MS)}
              </span>
              {shown.slice(day * HOURS, (day + 1) * HOURS).map((kind, hour) => {
                const cell = day * HOURS + hour;
                return (
                  // biome-ignore lint/a11y/useSemanticElements: it belongs to the grid above
                  <span
                    key={cell}
                    role="gridcell"
                    data-cell={cell}
                    tabIndex={cell === cursor ? 0 : -1}
                    aria-label={`${longDayNames.format(A_MONDAY + day * DAY_MS)} ${hour}:00, ${t(`weekly.${kind}`)}`}
                    className={cx(
                      "h-5 flex-1 rounded-[3px] transition-colors duration-120 focus-visible:outline-offset-1",
                      LOOKS[kind],
                    )}
                  />
                );
              })}
            </div>
          ))}
          <div aria-hidden className="tabular flex pl-10 text-[11px] text-faint max-sm:pl-8">
            {[0, 6, 12, 18].map((hour) => (
              <span key={hour} className="flex-1 pl-0.5">
                {hour}:00
              </span>
            ))}
          </div>
        </div>
      </div>
      <p className="text-small text-faint">{t("weekly.how")}</p>
    </div>
  );
}

/** Paints the rectangle between two cells. */
export function paint(hours: readonly LimitHour[], from: number, to: number, brush: LimitHour): LimitHour[] {
  const days = [Math.floor(from / HOURS), Math.floor(to / HOURS)];
  const times = [from % HOURS, to % HOURS];
  return hours.map((kind, cell) => {
    const day = Math.floor(cell / HOURS);
    const time = cell % HOURS;
    const inside =
      day >= Math.min(...days) &&
      day <= Math.max(...days) &&
      time >= Math.min(...times) &&
      time <= Math.max(...times);
    return inside ? brush : kind;
  });
}

/** Where a key leads; none where it leads nowhere. */
export function walk(cell: number, key: string): number | null {
  const time = cell % HOURS;
  switch (key) {
    case "ArrowRight":
      return time < HOURS - 1 ? cell + 1 : cell;
    case "ArrowLeft":
      return time > 0 ? cell - 1 : cell;
    case "ArrowDown":
      return cell + HOURS < DAYS * HOURS ? cell + HOURS : cell;
    case "ArrowUp":
      return cell >= HOURS ? cell - HOURS : cell;
    case "Home":
      return cell - time;
    case "End":
      return cell - time + HOURS - 1;
    default:
      return null;
  }
}
