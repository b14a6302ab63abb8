import { Pause, Play } from "lucide-react";
import { memo } from "react";
import { KindTile } from "@/components/kind-tile";
import type { DownloadId, Row } from "@/generated";
import { useNow } from "@/lib/use-now";
import { useEngine } from "@/stores/engine";
import { isAtWork } from "@/stores/reduce";
import type { ColumnId } from "@/stores/ui";
import { useSpeedFigure, useTimeLeftFigure } from "../figures";
import { KindIcon } from "../kind-icon";
import { RowMap } from "../row-map";
import { useRowTools } from "../row-tools";
import { StatusLine } from "../status-line";
import { Ticking } from "../ticking";

interface CellProperties {
  row: Row;
  compact: boolean;
}

/** What stands in a column. */
export function Cell({ column, row, compact }: CellProperties & { column: ColumnId }) {
  switch (column) {
    case "name":
      return <NameCell row={row} compact={compact} />;
    case "progress":
      return <ProgressCell row={row} compact={compact} />;
    case "size":
      return <SizeCell length={row.length} />;
    case "speed":
      return isAtWork(row.standing) ? <SpeedCell id={row.id} /> : null;
    case "left":
      return isAtWork(row.standing) ? <LeftCell id={row.id} /> : null;
    case "connections":
      return isAtWork(row.standing) ? <ConnectionsCell id={row.id} /> : null;
    case "added":
      return <AddedCell added_at_ms={row.added_at_ms} />;
  }
}

function NameCell({ row, compact }: CellProperties) {
  const { t } = useRowTools();
  const host = row.mirrors > 0 ? t("list.host", { host: row.host, count: row.mirrors }) : row.host;
  return (
    <div className="relative flex min-w-0 items-center gap-3">
      {compact ? (
        <span className="flex size-5 shrink-0 items-center justify-center text-muted">
          <KindIcon kind={row.file_kind} className="size-4" />
        </span>
      ) : (
        <KindTile name={row.name} kind={row.file_kind} />
      )}
      <div className="row-name min-w-0 flex-1">
        <bdi className="block truncate text-left font-medium text-text" title={row.name}>
          {row.name}
        </bdi>
        {!compact && <bdi className="block truncate text-left text-small text-faint">{host}</bdi>}
      </div>
      {/* Elements go from row to row, and what has the focus must not go with them. */}
      <RowButton key={row.id} row={row} />
    </div>
  );
}

/** Pauses or resumes where the pointer is; the space bar does the same, so it is not a stop of Tab. */
export function RowButton({ row }: { row: Row }) {
  const { t, actions } = useRowTools();
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

function ProgressCell({ row, compact }: CellProperties) {
  if (compact)
    return (
      <div className="flex min-w-0 items-center gap-3">
        <RowMap row={row} className="h-1.5 w-2/5 min-w-16 shrink-0" />
        <div className="min-w-0 flex-1">
          <StatusLine row={row} brief />
        </div>
      </div>
    );
  return (
    <div className="min-w-0">
      <StatusLine row={row} />
      <RowMap row={row} className="mt-1 h-1.5" />
    </div>
  );
}

const SizeCell = memo(function SizeCell({ length }: { length: number | null }) {
  const { format } = useRowTools();
  return <span className="text-muted">{length === null ? "" : format.bytes(length)}</span>;
});

function SpeedCell({ id }: { id: DownloadId }) {
  const figure = useSpeedFigure(id, useRowTools().format);
  return <Ticking figure={figure} className="font-medium text-text" />;
}

function LeftCell({ id }: { id: DownloadId }) {
  const figure = useTimeLeftFigure(id, useRowTools().format);
  return <Ticking figure={figure} className="text-muted" />;
}

function ConnectionsCell({ id }: { id: DownloadId }) {
  const { format } = useRowTools();
  const connections = useEngine((state) => state.moving.get(id)?.connections ?? 0);
  return connections > 0 ? <span className="text-muted">{format.number(connections)}</span> : null;
}

const AddedCell = memo(function AddedCell({ added_at_ms }: { added_at_ms: number }) {
  const { format } = useRowTools();
  const now_ms = useNow(30_000);
  return <span className="text-muted">{format.ago(added_at_ms, now_ms)}</span>;
});
