import { COLUMN_LIMITS_PX, type Column, type ColumnId } from "@/stores/ui";

/** What goes first where the window is too narrow for all columns that were chosen. */
const DROPPED: readonly ColumnId[] = ["added", "connections", "left", "size", "speed"];
const NAME_WANTS_PX = 240;
/** On both sides of a row. */
export const SIDE_PX = 16;

/** The columns that fit, and their tracks for `grid-template-columns`. */
export function fitColumns(
  columns: readonly Column[],
  width_px: number,
): { columns: Column[]; tracks: string } {
  let fitting = columns.filter((column) => column.shown);
  for (const id of DROPPED) {
    if (leastOf(fitting) <= width_px) break;
    fitting = fitting.filter((column) => column.id !== id);
  }
  const tracks = fitting.map(({ id, width_px: wanted }) => {
    const { least } = COLUMN_LIMITS_PX[id];
    if (id === "name") return `minmax(${least}px, 1fr)`;
    if (id === "progress") return `minmax(${least}px, ${wanted}px)`;
    return `${wanted}px`;
  });
  return { columns: fitting, tracks: tracks.join(" ") };
}

function leastOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { id, width_px }) => {
    if (id === "name") return sum + NAME_WANTS_PX;
    if (id === "progress") return sum + Math.max(200, COLUMN_LIMITS_PX.progress.least);
    return sum + width_px;
  }, SIDE_PX * 2);
}
