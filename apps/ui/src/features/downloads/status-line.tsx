import { Check, TriangleAlert } from "lucide-react";
import { useMemo } from "react";
import type { Row } from "@/generated";
import { cx } from "@/lib/cx";
import { useNow } from "@/lib/use-now";
import { useEngine } from "@/stores/engine";
import { useRowTools } from "./row-tools";
import { type Status, useStatus } from "./status";
import { type Figure, Ticking } from "./ticking";

interface Properties {
  row: Row;
  /** Where there is little room, what is said at the right is left out. */
  brief?: boolean;
}

/** Where a download stands, in words, with the button that mends it where it failed. */
export function StatusLine({ row, brief = false }: Properties) {
  const { actions } = useRowTools();
  const status = useStatus(row);
  const remedy = "remedy" in status ? status.remedy : null;
  // Only a failure's words depend on the room there is, and a container makes the browser lay out twice.
  const fits = status.kind === "failed" || remedy !== null;
  return (
    <div className={cx("flex h-5 min-w-0 items-center gap-2", fits && "@container")}>
      <StatusWords status={status} row={row} />
      {remedy && (
        <RemedyButton
          // Its element goes from row to row, and the focus must not go with it.
          key={row.id}
          remedy={remedy}
          failed={status.kind === "failed"}
          onClick={() => actions.mend(row, remedy)}
        />
      )}
      {!brief && <Aside status={status} row={row} />}
    </div>
  );
}

function StatusWords({ status, row }: { status: Status; row: Row }) {
  const { t, format, language } = useRowTools();
  const words = "min-w-0 truncate";
  switch (status.kind) {
    case "queued":
    case "probing":
    case "verifying":
      return <span className={cx(words, "text-muted")}>{t(`status.${status.kind}`)}</span>;
    case "scheduled":
      return (
        <span className={cx(words, "text-muted")}>
          {status.at_ms === null
            ? t("status.scheduledSometime")
            : t("status.scheduled", { time: whenOf(status.at_ms, Date.now(), language) })}
        </span>
      );
    case "downloading":
      return (
        <span className={cx(words, "tabular text-text")}>
          {status.percent === null ? <BytesThere row={row} /> : format.percent(status.percent / 100)}
        </span>
      );
    case "paused":
      return (
        <span className={cx(words, "tabular text-muted")}>
          {status.share === null
            ? t("status.paused")
            : t("status.pausedAt", { share: format.percent(status.share) })}
        </span>
      );
    case "waiting":
      return (
        <span className={cx(words, "text-muted")}>
          {t(`waiting.${status.reason}`)}
          {status.retryAt_ms !== null && <Countdown until_ms={status.retryAt_ms} />}
        </span>
      );
    case "finished":
      if (status.missing) return <span className={cx(words, "text-muted")}>{t("status.missing")}</span>;
      return (
        <span className={cx(words, "flex items-center gap-1 text-kelp-text")}>
          <Check aria-hidden="true" className="size-3.5 shrink-0" strokeWidth={2.5} />
          {status.verified ? t("status.verified") : t("status.finished")}
        </span>
      );
    case "failed":
      return (
        <span className={cx(words, "flex items-center gap-1.5 text-coral-text")} title={status.message}>
          <TriangleAlert aria-hidden="true" className="size-3.5 shrink-0" />
          <span className="truncate @max-[300px]:hidden">{t(`reason.${status.code}`)}</span>
          <span className="truncate @min-[300px]:hidden">{t(`reasonShort.${status.code}`)}</span>
        </span>
      );
  }
}

/** Where the length is not known, what is there already. */
function BytesThere({ row: { id, bytes } }: { row: Row }) {
  const { t, format } = useRowTools();
  const figure = useMemo(
    (): Figure<string> => ({
      value: ({ moving }) => format.bytes(moving.get(id)?.bytes ?? bytes),
      words: (there) => t("status.unknownLength", { bytes: there }),
    }),
    [id, bytes, t, format],
  );
  return <Ticking figure={figure} />;
}

const DAY_MS = 86_400_000;

/** The time of day where it is near, with the day where it is not. */
export function whenOf(at_ms: number, now_ms: number, language: string): string {
  const near = at_ms - now_ms < DAY_MS;
  const options: Intl.DateTimeFormatOptions = near
    ? { timeStyle: "short" }
    : { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(language, options).format(at_ms);
}

function Countdown({ until_ms }: { until_ms: number }) {
  const { t, format } = useRowTools();
  const left_ms = until_ms - useNow(1000);
  if (left_ms <= 0) return null;
  const seconds_ms = Math.ceil(left_ms / 1000) * 1000;
  const time = seconds_ms < 60_000 ? format.seconds(seconds_ms) : format.duration(seconds_ms);
  return (
    <span className="tabular">
      {format.separator}
      {t("status.tryAgain", { time })}
    </span>
  );
}

/** What stands at the right: how many connections, or how long it took. */
function Aside({ status, row }: { status: Status; row: Row }) {
  if (status.kind === "downloading") return <ConnectionWords row={row} />;
  if (status.kind === "finished" && status.took_ms > 0) return <TimeTaken took_ms={status.took_ms} />;
  return null;
}

const aside = "tabular ml-auto shrink truncate pl-2 text-muted";

function ConnectionWords({ row: { id, mirrors } }: { row: Row }) {
  const { t, format } = useRowTools();
  const count = useEngine((state) => state.moving.get(id)?.connections ?? 0);
  if (count === 0) return null;
  const connections = t("status.connections", { count });
  return (
    <span className={aside}>
      {mirrors > 0
        ? [connections, t("status.mirrors", { count: mirrors })].join(format.separator)
        : connections}
    </span>
  );
}

function TimeTaken({ took_ms }: { took_ms: number }) {
  const { format } = useRowTools();
  return <span className={aside}>{format.duration(took_ms)}</span>;
}

function RemedyButton({
  remedy,
  failed,
  onClick,
}: {
  remedy: NonNullable<Extract<Status, { kind: "failed" }>["remedy"]>;
  failed: boolean;
  onClick: () => void;
}) {
  const { t } = useRowTools();
  return (
    <button
      type="button"
      data-remedy
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
      onDoubleClick={(event) => event.stopPropagation()}
      className={cx(
        "relative h-5.5 shrink-0 rounded-small border border-hairline bg-raised px-2 text-small font-medium text-text transition-colors duration-120 hover:bg-hover",
        "max-sm:before:absolute max-sm:before:-inset-x-1 max-sm:before:-inset-y-3 max-sm:before:content-['']",
        // What goes on by itself needs no button at first sight.
        !failed && "remedy-quiet",
      )}
    >
      <span className="@max-[260px]:hidden">{t(`remedy.${remedy}`)}</span>
      <span className="@min-[260px]:hidden">{t(`remedyShort.${remedy}`)}</span>
    </button>
  );
}
