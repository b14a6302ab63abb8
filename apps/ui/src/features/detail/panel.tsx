import { ChevronsDown, EllipsisVertical, Info, TriangleAlert } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useActions } from "@/commands/actions";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Menu } from "@/components/ui/menu";
import { Sheet } from "@/components/ui/sheet";
import { Tabs } from "@/components/ui/tabs";
import { openDialog } from "@/dialogs/store";
import { RowMenu, statusOf } from "@/features/downloads";
import type { Cause, Detail, DownloadId, Failure, Moving, Row } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { focusList } from "@/lib/focus-list";
import { steadyUnit, type Unit } from "@/lib/format";
import { NO_SIDEBAR, useMedia } from "@/lib/use-media";
import { useEngine, useRow, useTimeLeft } from "@/stores/engine";
import { DETAIL_HEIGHT_PX, useUi } from "@/stores/ui";
import { Facts } from "./facts";
import { LargeMap } from "./large-map";
import { Log, Sources } from "./log";
import { SpeedChart } from "./speed-chart";
import { useDetail } from "./use-detail";
import { Workers } from "./workers";

type Tab = "connections" | "sources" | "log";

/** Everything about the download that the keyboard is at: beneath the list, or over it where there is little room. */
export function DetailPanel() {
  const { t } = useTranslation("detail");
  const cursor = useUi((state) => state.cursor);
  const narrow = useMedia(NO_SIDEBAR);
  const { closeDetail } = useUi.getState();
  const row = useRow(cursor);
  const detail = useDetail(row);
  const moving = useEngine((state) => (row ? state.moving.get(row.id) : undefined));
  const subject = row && detail ? { row, detail, moving } : null;

  if (narrow)
    return (
      <Sheet
        open={subject !== null}
        onClose={closeDetail}
        title={row ? row.name : t("title")}
        side="bottom"
        tools={row && <SheetMenu id={row.id} />}
      >
        {subject && <Stacked {...subject} />}
      </Sheet>
    );
  return (
    <Frame name={row?.name ?? null}>
      {subject ? <Wide {...subject} /> : <p className="m-auto text-muted">{row ? "" : t("none")}</p>}
    </Frame>
  );
}

/** There is no right click, and no key, on a phone. */
function SheetMenu({ id }: { id: DownloadId }) {
  const { t } = useTranslation("downloads");
  const actions = useActions();
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t("action.more")}>
          <EllipsisVertical />
        </IconButton>
      }
    >
      <RowMenu actions={actions} of={[id]} />
    </Menu>
  );
}

interface Subject {
  row: Row;
  detail: Detail;
  moving: Moving | undefined;
}

const KEY_STEP_PX = 24;

/** The panel beneath the list; its upper edge is pulled. */
function Frame({ name, children }: { name: string | null; children: React.ReactNode }) {
  const { t } = useTranslation("detail");
  const height_px = useUi((state) => state.detailHeight_px);
  const { resizeDetail, closeDetail } = useUi.getState();
  const pulled = useRef<{ y: number; height_px: number } | null>(null);
  const begin = (event: PointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    pulled.current = { y: event.clientY, height_px };
  };
  const pull = (event: PointerEvent) => {
    if (pulled.current) resizeDetail(pulled.current.height_px + pulled.current.y - event.clientY);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowUp") resizeDetail(height_px + KEY_STEP_PX);
    else if (event.key === "ArrowDown") resizeDetail(height_px - KEY_STEP_PX);
    else return;
    event.preventDefault();
  };
  return (
    <section
      aria-label={name === null ? t("title") : t("label", { name })}
      className="detail-frame"
      style={{ height: `min(${height_px}px, 70%)` }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        closeDetail();
        focusList();
      }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a line that is pulled is no rule between paragraphs */}
      <div
        role="separator"
        aria-orientation="horizontal"
        aria-label={t("resize")}
        aria-valuenow={height_px}
        aria-valuemin={DETAIL_HEIGHT_PX.least}
        aria-valuemax={DETAIL_HEIGHT_PX.most}
        tabIndex={0}
        className="detail-edge"
        onPointerDown={begin}
        onPointerMove={pull}
        onPointerUp={() => {
          pulled.current = null;
        }}
        onKeyDown={press}
        onDoubleClick={() => resizeDetail(DETAIL_HEIGHT_PX.initial)}
      />
      {children}
    </section>
  );
}

function Wide(subject: Subject) {
  const { t } = useTranslation("detail");
  const { row } = subject;
  const { closeDetail } = useUi.getState();
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-11 shrink-0 items-center gap-3 pr-2 pl-4">
          <h2 className="min-w-0 truncate text-large font-semibold">
            <bdi>{row.name}</bdi>
          </h2>
          <span className="min-w-24 flex-1 truncate text-muted">{row.host}</span>
          <IconButton
            label={t("close")}
            keys="Escape"
            onClick={() => {
              closeDetail();
              focusList();
            }}
          >
            <ChevronsDown />
          </IconButton>
        </header>
        <MapAndTabs {...subject} />
      </div>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        aria-label={t("facts")}
        className="w-84 shrink-0 overflow-y-auto border-l border-hairline px-5 pt-3 pb-4"
      >
        <SpeedNow {...subject} />
        <Chart {...subject} />
        <Facts {...subject} />
      </section>
    </div>
  );
}

function MapAndTabs({ row, detail, moving }: Subject) {
  const { t } = useTranslation("detail");
  const [tab, setTab] = useState<Tab>("connections");
  const [lit, setLit] = useState<number | null>(null);
  const { standing } = row;
  const failure = standing.kind === "failed" || standing.kind === "waiting" ? standing.failure : null;
  const { id } = row;
  const takesMirrors = standing.kind !== "finished";
  const addMirror = useMemo(
    () => (takesMirrors ? () => openDialog({ kind: "mirror", id }) : null),
    [takesMirrors, id],
  );
  const count = (words: string, many: number) => (
    <>
      {words} {many > 0 && <span className="tabular text-faint">{many}</span>}
    </>
  );
  return (
    <>
      <div className="shrink-0 px-4">
        <LargeMap row={row} detail={detail} moving={moving} lit={lit} onLight={setLit} />
        {failure && <WhyStopped row={row} moving={moving} failure={failure} />}
        {/* What held it back is of no interest once it stands. */}
        {moving?.standing.kind === "downloading" && detail.cause && <WhyNotFaster cause={detail.cause} />}
      </div>
      <Tabs<Tab>
        className="detail-tabs mt-1 flex-1"
        label={t("tabs")}
        value={tab}
        onChange={setTab}
        tabs={[
          {
            value: "connections",
            label: count(t("connections"), detail.workers.length),
            content: <Workers row={row} detail={detail} lit={lit} onLight={setLit} />,
          },
          {
            value: "sources",
            label: count(t("sources"), detail.sources.length),
            content: <Sources sources={detail.sources} onAdd={addMirror} />,
          },
          { value: "log", label: count(t("log"), detail.log.length), content: <Log log={detail.log} /> },
        ]}
      />
    </>
  );
}

/** One column, for a sheet. */
function Stacked(subject: Subject) {
  return (
    <div className="flex flex-col gap-4 px-4 pb-6">
      <span className="truncate text-muted">{subject.row.host}</span>
      <SpeedNow {...subject} />
      <Chart {...subject} />
      <div className="-mx-4 flex flex-col">
        <MapAndTabs {...subject} />
      </div>
      <Facts {...subject} />
    </div>
  );
}

function SpeedNow({ row, moving }: Subject) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const unit = useRef<Unit | null>(null);
  const left_ms = useTimeLeft(row.id);
  const rate = moving?.rate_bytes_per_s ?? 0;
  unit.current = steadyUnit(rate, unit.current);
  const mean = row.active_ms > 0 ? (row.bytes * 1000) / row.active_ms : 0;
  const moves = moving?.standing.kind === "downloading";
  return (
    <div className="flex h-9 items-baseline gap-2">
      {moves ? (
        <span className="tabular text-[26px] leading-9 font-semibold tracking-tight">
          {format.speed(rate, unit.current)}
        </span>
      ) : (
        <span className="text-large leading-9 font-semibold">
          {row.standing.kind === "finished" && mean > 0
            ? t("speed.mean", { speed: format.speed(mean) })
            : t("speed.idle")}
        </span>
      )}
      {moves && left_ms !== null && (
        <span className="tabular truncate text-muted">
          {t("speed.left", { time: format.timeLeft(left_ms) })}
        </span>
      )}
    </div>
  );
}

/** What was measured; where something moves, the room is kept for what will be. */
function Chart({ detail, moving }: Subject) {
  const rates = detail.rates_bytes_per_s;
  if (rates.length === 0 && moving?.standing.kind !== "downloading") return null;
  return <div className="mt-2 mb-3 h-30">{rates.length > 0 && <SpeedChart rates={rates} />}</div>;
}

/** The whole of what went wrong: what it means, what the engine saw, in its own words, and what mends it. */
function WhyStopped({ row, moving, failure }: Omit<Subject, "detail"> & { failure: Failure }) {
  const { t } = useTranslation(["common", "downloads"]);
  const actions = useActions();
  const status = statusOf(row, moving);
  const remedy = "remedy" in status ? status.remedy : null;
  return (
    <div className="mt-2.5 flex gap-2">
      <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-coral-text" />
      <p className="min-w-0 flex-1 text-muted">
        <span className="text-text">{t(`common:failure.${failure.code}`)}</span>{" "}
        <bdi lang="en" className="line-clamp-2 wrap-anywhere" title={failure.message}>
          {failure.message}
        </bdi>
      </p>
      {remedy && (
        <Button className="shrink-0 sm:h-7" onClick={() => actions.mend(row, remedy)}>
          {t(`downloads:remedy.${remedy}`)}
        </Button>
      )}
    </div>
  );
}

function WhyNotFaster({ cause }: { cause: Cause }) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const speed = "rate_bytes_per_s" in cause ? format.speed(cause.rate_bytes_per_s) : "";
  const count = "connections" in cause ? cause.connections : 0;
  return (
    <p className="tabular mt-2.5 flex items-center gap-2 text-muted">
      <Info aria-hidden="true" className="size-4 shrink-0 text-gold-text" />
      {t(`cause.${cause.kind}`, { speed, count })}
    </p>
  );
}
