import { Search } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { KindTile } from "@/components/kind-tile";
import { Checkbox } from "@/components/ui/checkbox";
import { Input } from "@/components/ui/input";
import type { Link } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";
import { NARROW, useMedia } from "@/lib/use-media";
import { useScrollTo, useWindow } from "@/lib/use-window";
import type { Refused } from "./use-lookup";

const ROW_PX = 40;
/** On a phone a row is as high as a finger. */
const PHONE_ROW_PX = 44;
const FILTER_FROM = 8;

interface LinkTableProps {
  links: readonly Link[];
  refused: readonly Refused[];
  /** Places in `links`. */
  chosen: ReadonlySet<number>;
  onChange(chosen: ReadonlySet<number>): void;
}

/** Many links to tick. The arrows walk, Space ticks, Ctrl+A ticks all, Enter starts as it does in the fields. */
export function LinkTable({ links, refused, chosen, onChange }: LinkTableProps) {
  const { t } = useTranslation(["add", "common"]);
  const [filter, setFilter] = useState("");
  const [cursor, setCursor] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    return links.flatMap((link, place) =>
      wanted === "" || link.name.toLowerCase().includes(wanted) || link.url.toLowerCase().includes(wanted)
        ? [place]
        : [],
    );
  }, [links, filter]);
  const row_px = useMedia(NARROW) ? PHONE_ROW_PX : ROW_PX;
  const rows = useWindow({ scroller, count: shown.length, row_px });
  const scrollTo = useScrollTo({ scroller, row_px });

  const ticked = shown.filter((place) => chosen.has(place)).length;
  const tickAll = (on: boolean) => {
    const next = new Set(chosen);
    for (const place of shown) {
      if (on) next.add(place);
      else next.delete(place);
    }
    onChange(next);
  };
  const tick = (place: number) => {
    const next = new Set(chosen);
    if (!next.delete(place)) next.add(place);
    onChange(next);
  };
  const walk = (to: number) => {
    const next = Math.min(Math.max(to, 0), shown.length - 1);
    setCursor(next);
    scrollTo(next);
  };
  const press = (event: KeyboardEvent) => {
    const withControl = event.ctrlKey || event.metaKey;
    const steps: Record<string, number> = {
      ArrowDown: cursor + 1,
      ArrowUp: cursor - 1,
      PageDown: cursor + 7,
      PageUp: cursor - 7,
      Home: 0,
      End: shown.length - 1,
    };
    const to = steps[event.key];
    const place = shown[cursor];
    if (to !== undefined) walk(to);
    else if (event.key === " " && place !== undefined) tick(place);
    else if (event.key.toLowerCase() === "a" && withControl) tickAll(ticked < shown.length);
    // With Ctrl the form hears it itself.
    else if (event.key === "Enter" && !withControl) event.currentTarget.closest("form")?.requestSubmit();
    else return;
    event.preventDefault();
  };

  return (
    <section className="flex min-h-0 flex-col">
      <div className="mb-2 flex items-center gap-3">
        <Checkbox
          label={t("add:many.all")}
          checked={ticked === 0 ? false : ticked === shown.length ? true : "mixed"}
          onChange={tickAll}
          className="ml-3"
        />
        <Summary links={links} chosen={chosen} />
        {links.length >= FILTER_FROM && (
          <Input
            icon={<Search />}
            aria-label={t("add:many.filter")}
            placeholder={t("add:many.filter")}
            value={filter}
            onChange={(event) => {
              setFilter(event.target.value);
              setCursor(0);
            }}
            onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
            className="ml-auto w-40"
          />
        )}
      </div>
      <div
        ref={scroller}
        role="listbox"
        aria-multiselectable
        aria-label={t("add:many.label")}
        aria-activedescendant={shown.length > 0 ? `add-link-${cursor}` : undefined}
        tabIndex={0}
        onKeyDown={press}
        className="group h-70 overflow-y-auto overscroll-contain rounded-small border border-hairline bg-field outline-none focus-visible:outline-2"
      >
        {shown.length === 0 && <p className="p-4 text-center text-faint">{t("add:many.none")}</p>}
        <div className="relative" style={{ height: rows.total_px }}>
          {rows.indices.map((index) => {
            const place = shown[index] ?? 0;
            const link = links[place];
            return (
              link && (
                <LinkRow
                  key={place}
                  id={`add-link-${index}`}
                  link={link}
                  top_px={index * row_px}
                  height_px={row_px}
                  state={chosen.has(place) ? "chosen" : "left_out"}
                  atCursor={index === cursor}
                  place={index + 1}
                  total={shown.length}
                  onClick={() => {
                    setCursor(index);
                    tick(place);
                  }}
                />
              )
            );
          })}
        </div>
      </div>
      {refused.length > 0 && (
        <details className="mt-2 text-small text-coral-text">
          <summary className="cursor-default">{t("common:failure.invalid_request")}</summary>
          <ul className="mt-1 max-h-24 overflow-y-auto text-muted">
            {refused.map((line) => (
              <li key={line.text} className="truncate">
                {line.text}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Summary({ links, chosen }: { links: readonly Link[]; chosen: ReadonlySet<number> }) {
  const { t } = useTranslation("add");
  const format = useFormat();
  let bytes = 0;
  let unknown = 0;
  for (const place of chosen) {
    const length = links[place]?.length ?? null;
    if (length === null) unknown += 1;
    else bytes += length;
  }
  return (
    <p className="tabular min-w-0 truncate text-muted" aria-live="polite">
      {t("many.chosen", { chosen: format.number(chosen.size), count: links.length })}
      {bytes > 0 && (
        <span className="ml-2 text-faint">
          {t(unknown > 0 ? "many.atLeast" : "many.total", { size: format.bytes(bytes) })}
        </span>
      )}
    </p>
  );
}

interface LinkRowProps {
  id: string;
  link: Link;
  top_px: number;
  height_px: number;
  state: "chosen" | "left_out";
  atCursor: boolean;
  place: number;
  total: number;
  onClick(): void;
}

function LinkRow({ id, link, top_px, height_px, state, atCursor, place, total, onClick }: LinkRowProps) {
  const { t } = useTranslation("add");
  const format = useFormat();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it takes the keys for all of its rows
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={state === "chosen"}
      aria-posinset={place}
      aria-setsize={total}
      onClick={onClick}
      style={{ height: height_px, transform: `translateY(${top_px}px)` }}
      className={cx(
        "absolute inset-x-0 top-0 flex cursor-default items-center gap-3 border-b border-hairline px-3 hover:bg-hover",
        atCursor && "group-focus-visible:bg-hover group-focus-visible:shadow-[inset_2px_0_0_var(--accent)]",
        state === "left_out" && "text-faint",
      )}
    >
      <Tick state={state} />
      <KindTile name={link.name} kind={link.file_kind} className="size-7 text-[9px]" />
      <span className="min-w-0 flex-1">
        <bdi className="block truncate" title={link.url}>
          {link.name}
        </bdi>
      </span>
      {link.duplicate && <span className="shrink-0 text-small text-faint">{t("many.inList")}</span>}
      <span className="tabular w-20 shrink-0 truncate text-right text-muted">
        {link.length === null ? "" : format.bytes(link.length)}
      </span>
    </div>
  );
}

/** What a checkbox looks like; the row itself is what is ticked. */
function Tick({ state }: { state: "chosen" | "left_out" }) {
  return (
    <span
      aria-hidden
      className={cx(
        "flex size-4 shrink-0 items-center justify-center rounded-[4px] border",
        state === "chosen" ? "border-accent bg-accent text-on-accent" : "border-control",
      )}
    >
      {state === "chosen" && (
        <svg
          viewBox="0 0 12 12"
          className="size-3"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          aria-hidden
        >
          <path d="m2.5 6.5 2.5 2.5 4.5-6" />
        </svg>
      )}
    </span>
  );
}
