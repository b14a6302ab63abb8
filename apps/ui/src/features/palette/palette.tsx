import { Dialog as Base } from "@base-ui/react/dialog";
import { CornerDownLeft, Search } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Command, commandsOn } from "@/commands/table";
import { useCommandContext } from "@/commands/use-commands";
import { KindTile } from "@/components/kind-tile";
import { Kbd } from "@/components/ui/kbd";
import { useDialogs } from "@/dialogs/store";
import type { Row } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";
import { useEngine } from "@/stores/engine";
import { fetchPage } from "@/stores/finished";
import { useUi } from "@/stores/ui";
import { useTransport } from "@/transport/context";
import type { Desktop } from "@/transport/types";
import { rank } from "./rank";

const MOST_DOWNLOADS = 8;
const FINISHED_REST_MS = 120;

type Entry = { kind: "command"; command: Command } | { kind: "download"; row: Row };

/** Everything that can be done, and every download, by typing a few letters. */
export function Palette({ onClose }: { onClose(): void }) {
  const { t } = useTranslation("commands");
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const context = useCommandContext();
  const wanted = useDeferredValue(typed.trim());
  const commands = useMemo(
    () => rankCommands(context.desktop, wanted, (command) => t(command.label)),
    [wanted, t, context],
  );
  const rows = useRows(wanted);
  const entries: Entry[] = [
    ...commands.map((command) => ({ kind: "command" as const, command })),
    ...rows.map((row) => ({ kind: "download" as const, row })),
  ];
  const current = Math.min(at, Math.max(0, entries.length - 1));

  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    if (entry.kind === "command") void entry.command.run?.(context);
    else reveal(entry.row);
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const last = entries.length - 1;
    if (event.key === "ArrowDown") setAt(current === last ? 0 : current + 1);
    else if (event.key === "ArrowUp") setAt(current === 0 ? last : current - 1);
    else if (event.key === "Enter") choose(entries[current]);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    list.current?.querySelector(`#palette-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [current]);

  return (
    <Base.Root
      open
      onOpenChange={(open) => !open && useDialogs.getState().shown?.kind === "palette" && onClose()}
    >
      <Base.Portal>
        <Base.Backdrop className="veil fixed inset-0 z-40" />
        <Base.Viewport className="fixed inset-0 z-40 flex items-start justify-center px-3 pt-[min(14vh,8rem)]">
          <Base.Popup className="sheet-or-dialog flex max-h-[min(28rem,70dvh)] w-full flex-col overflow-hidden rounded-large border border-hairline bg-raised text-text shadow-float outline-none sm:w-150">
            <Base.Title className="sr-only">{t("command.palette")}</Base.Title>
            <div className="flex items-center gap-3 border-b border-hairline px-4">
              <Search aria-hidden className="size-4 shrink-0 text-faint" />
              <input
                // biome-ignore lint/a11y/noAutofocus: the palette is opened to be typed into
                autoFocus
                role="combobox"
                aria-expanded
                aria-controls="palette-entries"
                aria-activedescendant={entries.length > 0 ? `palette-${current}` : undefined}
                aria-label={t("search")}
                placeholder={t("search")}
                autoComplete="off"
                spellCheck={false}
                value={typed}
                onChange={(event) => {
                  setTyped(event.target.value);
                  setAt(0);
                }}
                onKeyDown={press}
                className="h-12 min-w-0 flex-1 bg-transparent text-large outline-none placeholder:text-faint"
              />
              <Kbd keys="Escape" />
            </div>
            <div
              ref={list}
              id="palette-entries"
              role="listbox"
              aria-label={t("results")}
              className="min-h-0 flex-1 scroll-py-2 overflow-y-auto overscroll-contain p-2"
            >
              {entries.length === 0 && <p className="px-3 py-8 text-center text-faint">{t("nothing")}</p>}
              {entries.map((entry, place) => (
                <Line
                  key={entry.kind === "command" ? entry.command.id : entry.row.id}
                  id={`palette-${place}`}
                  heading={headingOf(entries, place, wanted)}
                  entry={entry}
                  current={place === current}
                  onPoint={() => setAt(place)}
                  onChoose={() => choose(entry)}
                />
              ))}
            </div>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

interface LineProps {
  id: string;
  heading: "downloads" | Command["group"] | null;
  entry: Entry;
  current: boolean;
  onPoint(): void;
  onChoose(): void;
}

function Line({ id, heading, entry, current, onPoint, onChoose }: LineProps) {
  const { t } = useTranslation("commands");
  const format = useFormat();
  return (
    <>
      {heading && (
        <div role="presentation" className="px-3 pt-4 pb-1 text-small text-faint first:pt-1.5">
          {heading === "downloads" ? t("downloads") : t(`group.${heading}`)}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys */}
      <div
        id={id}
        role="option"
        tabIndex={-1}
        aria-selected={current}
        // A list that changes under a pointer at rest is told as a move, too: that is nobody's choice.
        onPointerMove={(event) => {
          if (!current && (event.movementX !== 0 || event.movementY !== 0)) onPoint();
        }}
        onClick={onChoose}
        className={cx(
          "flex h-9 cursor-default items-center gap-3 rounded-small px-3 max-sm:h-11",
          current && "bg-selected",
        )}
      >
        {entry.kind === "command" ? (
          <>
            <span className="min-w-0 flex-1 truncate">{t(entry.command.label)}</span>
            {entry.command.keys && <Kbd keys={entry.command.keys} className="max-sm:hidden" />}
          </>
        ) : (
          <>
            <KindTile name={entry.row.name} kind={entry.row.file_kind} className="size-6 text-[8px]" />
            <bdi className="min-w-0 flex-1 truncate">{entry.row.name}</bdi>
            <span className="tabular shrink-0 text-small text-faint">
              {entry.row.length === null ? entry.row.host : format.bytes(entry.row.length)}
            </span>
          </>
        )}
        {current && <CornerDownLeft aria-hidden className="size-3.5 shrink-0 text-faint" />}
      </div>
    </>
  );
}

function headingOf(entries: readonly Entry[], place: number, wanted: string): LineProps["heading"] {
  const group = (entry: Entry | undefined) =>
    entry?.kind === "command" ? entry.command.group : entry ? ("downloads" as const) : null;
  const mine = group(entries[place]);
  // Ranked commands of different groups stand mixed; headings would only be noise between them.
  if (wanted !== "" && mine !== "downloads") return null;
  return mine !== group(entries[place - 1]) ? mine : null;
}

function rankCommands(
  desktop: Desktop | null,
  wanted: string,
  nameOf: (command: Command) => string,
): Command[] {
  return commandsOn(desktop)
    .filter(({ run, can }) => run && (can?.(desktop) ?? true))
    .flatMap((command) => {
      const score = rank(wanted, nameOf(command));
      return score === null ? [] : [{ command, score }];
    })
    .sort((one, other) => other.score - one.score)
    .map(({ command }) => command);
}

/** Downloads that fit: those that are not finished from the store, the finished ones asked for. */
function useRows(wanted: string): readonly Row[] {
  const transport = useTransport();
  const rows = useEngine((known) => known.rows);
  const [finished, setFinished] = useState<{ wanted: string; rows: readonly Row[] }>({
    wanted: "",
    rows: [],
  });
  useEffect(() => {
    if (wanted.length < 2) return;
    const timer = setTimeout(async () => {
      const page = await fetchPage(transport, { search: wanted, category: null }, 0, MOST_DOWNLOADS);
      if (page) setFinished({ wanted, rows: page.rows });
    }, FINISHED_REST_MS);
    return () => clearTimeout(timer);
  }, [wanted, transport]);
  return useMemo(() => {
    if (wanted === "") return [];
    const unfinished = [...rows.values()]
      .flatMap((row) => {
        const score = rank(wanted, row.name) ?? rank(wanted, row.host);
        return score === null ? [] : [{ row, score }];
      })
      .sort((one, other) => other.score - one.score)
      .slice(0, MOST_DOWNLOADS)
      .map(({ row }) => row);
    return [...unfinished, ...(finished.wanted === wanted ? finished.rows : [])].slice(0, MOST_DOWNLOADS);
  }, [wanted, rows, finished]);
}

/** Shows a download where it stands in the list. */
function reveal({ id, standing }: Row): void {
  const ui = useUi.getState();
  ui.reveal(id, { kind: standing.kind === "finished" ? "finished" : "all" });
  ui.openDetail();
}
