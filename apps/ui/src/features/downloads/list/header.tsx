import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuCheckItem, MenuChoice, MenuHeading, MenuItem, MenuLine } from "@/components/ui/menu";
import { cx } from "@/lib/cx";
import { COLUMN_LIMITS_PX, type Column, type SortKey, useUi } from "@/stores/ui";
import { isNumeric } from "./row";

interface HeaderProperties {
  columns: readonly Column[];
  /** Whether a part of the list keeps an order of its own. */
  partly: boolean;
}

/** The names of the columns; a click orders by one, a pull at its edge makes it wider. */
export function Header({ columns, partly }: HeaderProperties) {
  const { t } = useTranslation("downloads");
  const sort = useUi((state) => state.sort);
  const sortBy = useUi((state) => state.sortBy);

  const clicked = (by: SortKey) => {
    if (sort.by !== by) return sortBy({ by, direction: firstDirection(by) });
    const other = sort.direction === "ascending" ? "descending" : "ascending";
    // The third click brings the queue's own order back.
    if (other === firstDirection(by)) return sortBy({ by: "order", direction: "ascending" });
    sortBy({ by, direction: other });
  };

  return (
    <div role="row" aria-rowindex={1} className="download-header grid">
      {columns.map((column, place) => (
        <div
          key={column.id}
          role="columnheader"
          aria-colindex={place + 1}
          aria-sort={sort.by !== column.id ? "none" : partly ? "other" : sort.direction}
          className={cx("relative flex min-w-0 items-center", isNumeric(column) && "justify-end")}
        >
          <button
            type="button"
            onClick={() => clicked(column.id)}
            className={cx(
              "-mx-1.5 flex h-6 min-w-0 items-center gap-1 rounded-small px-1.5 text-small transition-colors duration-120 hover:bg-hover hover:text-text",
              sort.by === column.id ? "font-medium text-text" : "text-muted",
              column.id === "added" && "ml-0.5",
              isNumeric(column) && "flex-row-reverse",
            )}
          >
            <span className="truncate">{t(`column.${column.id}`)}</span>
            {sort.by === column.id &&
              (sort.direction === "ascending" ? (
                <ArrowUp aria-hidden="true" className="size-3 shrink-0" />
              ) : (
                <ArrowDown aria-hidden="true" className="size-3 shrink-0" />
              ))}
          </button>
          {column.id !== "name" && <ResizeHandle column={column} />}
        </div>
      ))}
    </div>
  );
}

/** The direction that a first click orders in. */
export function firstDirection(by: SortKey): "ascending" | "descending" {
  return by === "name" || by === "left" || by === "order" ? "ascending" : "descending";
}

const KEY_STEP_PX = 16;

/** At a column's left edge: names take the room that others leave, so others grow towards them. */
function ResizeHandle({ column }: { column: Column }) {
  const { t } = useTranslation("downloads");
  const resizeColumn = useUi((state) => state.resizeColumn);
  const pulled = useRef<{ x: number; width_px: number } | null>(null);
  const { least, initial } = COLUMN_LIMITS_PX[column.id];

  const begin = (event: PointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const width_px = event.currentTarget.parentElement?.offsetWidth ?? column.width_px;
    pulled.current = { x: event.clientX, width_px };
  };
  const pull = (event: PointerEvent<HTMLElement>) => {
    if (pulled.current) resizeColumn(column.id, pulled.current.width_px + pulled.current.x - event.clientX);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") resizeColumn(column.id, column.width_px + KEY_STEP_PX);
    else if (event.key === "ArrowRight") resizeColumn(column.id, column.width_px - KEY_STEP_PX);
    else return;
    event.preventDefault();
  };

  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t("column.resize", { column: t(`column.${column.id}`) })}
      aria-valuenow={column.width_px}
      aria-valuemin={least}
      tabIndex={0}
      onPointerDown={begin}
      onPointerMove={pull}
      onPointerUp={() => {
        pulled.current = null;
      }}
      onKeyDown={press}
      onDoubleClick={() => resizeColumn(column.id, initial)}
      className="column-handle"
    />
  );
}

/** Which columns there are, and what the list is ordered by. */
export function ColumnsMenu() {
  const { t } = useTranslation("downloads");
  const columns = useUi((state) => state.columns);
  const sort = useUi((state) => state.sort);
  const { showColumn, resetColumns, sortBy } = useUi.getState();
  const keys: SortKey[] = ["order", ...columns.map((column) => column.id)];
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t("column.choose")}>
          <Columns3 />
        </IconButton>
      }
    >
      <MenuHeading>{t("toolbar.columns")}</MenuHeading>
      {columns
        .filter((column) => column.id !== "name")
        .map((column) => (
          <MenuCheckItem
            key={column.id}
            checked={column.shown}
            onChange={(shown) => showColumn(column.id, shown)}
          >
            {t(`column.${column.id}`)}
          </MenuCheckItem>
        ))}
      <MenuItem onSelect={resetColumns}>{t("toolbar.resetColumns")}</MenuItem>
      <MenuLine />
      <MenuHeading>{t("toolbar.order")}</MenuHeading>
      <MenuChoice
        value={sort.by}
        onChange={(by) => sortBy({ by, direction: firstDirection(by) })}
        choices={keys.map((key) => ({ value: key, label: t(`column.${key}`) }))}
      />
    </Menu>
  );
}
