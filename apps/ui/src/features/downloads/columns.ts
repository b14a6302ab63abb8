import { COLUMN_LIMITS_PX, type Column, type ColumnId } from "@/stores/ui";

/** What goes first where the window is too narrow for all columns that were chosen. */
const DROPPED: readonly ColumnId[] = ["added", "connections", "left", "size", "speed"];
/** On both sides of a row, and between its columns. */
export const SIDE_PX = 16;
export const GAP_PX = 16;
/** What names and progress want before another column gets room. */
const NAME_WANTS_PX = 250;
const PROGRESS_WANTS_PX = 210;

/** How many of the columns that may be left out do not fit into a list so wide. */
export function leftOut(columns: readonly Column[], width_px: number): number {
  const fits = (count: number) => {
    const shown = withoutFirst(columns, count);
    return roomFor(shown, width_px) >= wantedBy(shown);
  };
  const count = DROPPED.findIndex((_, count) => fits(count));
  return count < 0 ? DROPPED.length : count;
}

/** The columns that are shown where so many are left out. */
export function withoutFirst(columns: readonly Column[], leftOut: number): Column[] {
  const dropped = DROPPED.slice(0, leftOut);
  return columns.filter(({ id, shown }) => shown && !dropped.includes(id));
}

/** Their tracks, for `grid-template-columns`. */
export function tracksOf(columns: readonly Column[], width_px: number): string {
  const room_px = roomFor(columns, width_px);
  const tracks = columns.map(({ id, width_px: wanted }) => {
    if (id === "name") return `minmax(${COLUMN_LIMITS_PX.name.least}px, 1fr)`;
    if (id !== "progress") return `${wanted}px`;
    const left_px = Math.max(PROGRESS_WANTS_PX, room_px - NAME_WANTS_PX);
    const progress_px = Math.max(COLUMN_LIMITS_PX.progress.least, Math.min(wanted, left_px));
    // Until somebody chose a width, it shares what a wide window has with the names.
    return wanted === COLUMN_LIMITS_PX.progress.initial
      ? `minmax(${progress_px}px, 1fr)`
      : `${progress_px}px`;
  });
  return tracks.join(" ");
}

const isElastic = ({ id }: Column) => id === "name" || id === "progress";

/** What columns of one width leave to names and progress. */
function roomFor(columns: readonly Column[], width_px: number): number {
  const taken = columns
    .filter((column) => !isElastic(column))
    .reduce((sum, column) => sum + column.width_px, 0);
  return width_px - taken - GAP_PX * (columns.length - 1) - SIDE_PX * 2;
}

function wantedBy(columns: readonly Column[]): number {
  return NAME_WANTS_PX + (columns.some(({ id }) => id === "progress") ? PROGRESS_WANTS_PX : 0);
}
