import { Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Moving, Row } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";
import { shownName } from "@/lib/shown-name";
import { useNow } from "@/lib/use-now";
import type { ColumnId } from "@/stores/ui";
import type { Actions } from "../actions";
import { KindIcon } from "../kind-icon";
import { RowMap } from "../row-map";
import { StatusLine } from "../status-line";
import { useSteadyTimeLeft, useSteadyUnit } from "./steady";

interface CellProperties {
  row: Row;
  moving: Moving | undefined;
  actions: Actions;
  compact: boolean;
}

/** What stands in a column. */
export function Cell({ column, ...cell }: CellProperties & { column: ColumnId }) {
  switch (column) {
    case "name":
      return <NameCell {...cell} />;
    case "progress":
      return <ProgressCell {...cell} />;
    case "size":
      return <SizeCell {...cell} />;
    case "speed":
      return <SpeedCell {...cell} />;
    case "left":
      return <LeftCell {...cell} />;
    case "connections":
      return <ConnectionsCell {...cell} />;
    case "added":
      return <AddedCell {...cell} />;
  }
}

function NameCell({ row, actions, compact }: CellProperties) {
  const { t } = useTranslation("downloads");
  const host = row.mirrors > 0 ? t("list.host", { host: row.host, count: row.mirrors }) : row.host;
  return (
    <div className="relative flex min-w-0 items-center gap-3">
      <span
        className={cx(
          "flex shrink-0 items-center justify-center text-muted",
          compact ? "size-5" : "size-8 rounded-small border border-hairline bg-raised",
        )}
      >
        <KindIcon kind={row.file_kind} className="size-4" />
      </span>
      <div className="min-w-0 flex-1">
        <bdi className="block truncate text-left font-medium text-text" title={shownName(row.name)}>
          {shownName(row.name)}
        </bdi>
        {!compact && <bdi className="block truncate text-left text-small text-faint">{host}</bdi>}
      </div>
      <RowButton row={row} actions={actions} />
    </div>
  );
}

/** Pauses or resumes where the pointer is; the space bar does the same, so it is not a stop of Tab. */
export function RowButton({ row, actions }: { row: Row; actions: Actions }) {
  const { t } = useTranslation("downloads");
  const { kind } = row.standing;
  if (kind === "finished" || kind === "failed") return null;
  const resumes = kind === "paused";
  const words = t(resumes ? "action.resume" : "action.pause");
  const Icon = resumes ? Play : Pause;
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={words}
      title={words}
      onClick={(event) => {
        event.stopPropagation();
        actions.toggle([row.id]);
      }}
      onDoubleClick={(event) => event.stopPropagation()}
      className="row-button flex size-7 shrink-0 items-center justify-center rounded-small text-muted transition-[opacity,background-color] duration-120 hover:bg-track hover:text-text max-sm:size-11"
    >
      <Icon aria-hidden="true" className="size-4" />
    </button>
  );
}

function ProgressCell({ row, moving, actions, compact }: CellProperties) {
  if (compact)
    return (
      <div className="flex min-w-0 items-center gap-3">
        <RowMap row={row} className="h-1.5 w-2/5 min-w-16 shrink-0" />
        <div className="min-w-0 flex-1">
          <StatusLine row={row} moving={moving} actions={actions} brief />
        </div>
      </div>
    );
  return (
    <div className="min-w-0">
      <StatusLine row={row} moving={moving} actions={actions} />
      <RowMap row={row} className="mt-1 h-1.5" />
    </div>
  );
}

function SizeCell({ row, moving }: CellProperties) {
  const format = useFormat();
  const length = moving?.length ?? row.length;
  return <span className="text-muted">{length === null ? "" : format.bytes(length)}</span>;
}

function SpeedCell({ moving }: CellProperties) {
  const format = useFormat();
  const rate = moving?.rate_bytes_per_s ?? 0;
  const unit = useSteadyUnit(rate);
  if (moving?.standing.kind !== "downloading") return null;
  return <span className="font-medium text-text">{format.speed(rate, unit)}</span>;
}

function LeftCell({ moving }: CellProperties) {
  const format = useFormat();
  const left_ms = useSteadyTimeLeft(moving?.standing.kind === "downloading" ? moving.time_left_ms : null);
  return left_ms === null ? null : <span className="text-muted">{format.timeLeft(left_ms)}</span>;
}

function ConnectionsCell({ moving }: CellProperties) {
  const format = useFormat();
  return moving && moving.connections > 0 ? (
    <span className="text-muted">{format.number(moving.connections)}</span>
  ) : null;
}

function AddedCell({ row }: CellProperties) {
  const format = useFormat();
  const now_ms = useNow(30_000);
  return (
    <span className="text-muted" title={format.moment(row.added_at_ms)}>
      {format.ago(row.added_at_ms, now_ms)}
    </span>
  );
}
