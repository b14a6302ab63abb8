import { ArrowDown, Gauge, HardDrive } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useActions } from "@/commands/actions";
import { Menu, MenuCheckItem, MenuChoice, MenuItem, MenuLine } from "@/components/ui/menu";
import { openDialog } from "@/dialogs/store";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";
import { useEngine } from "@/stores/engine";
import { useUi } from "@/stores/ui";
import { speedFigure } from "./figures";
import { tallyOf } from "./listing";
import { Sparkline } from "./sparkline";
import { Ticking } from "./ticking";

/** The speed of everything, what is moving, the limit, and the room that is left. */
export function BottomBar() {
  return (
    <footer className="flex h-8 shrink-0 items-center gap-4 border-t border-hairline bg-panel px-4 text-small max-sm:h-12 max-sm:gap-3 max-sm:px-3">
      <TotalSpeed />
      <span className="max-sm:hidden">
        <Sparkline />
      </span>
      <WhatMoves />
      <span className="flex-1" />
      <LimitMenu />
      <FreeSpace />
    </footer>
  );
}

function TotalSpeed() {
  const { t } = useTranslation("downloads");
  const format = useFormat();
  const figure = useMemo(() => speedFigure(format, (state) => state.rate_bytes_per_s), [format]);
  const moves = useEngine((state) => state.rate_bytes_per_s > 0);
  return (
    <span
      className="tabular flex min-w-24 items-center gap-1.5 font-medium text-text"
      title={t("bottom.speed")}
    >
      <ArrowDown
        aria-hidden="true"
        className={cx("size-3.5", moves ? "text-sea-text" : "text-faint")}
        strokeWidth={2.5}
      />
      <Ticking figure={figure} />
    </span>
  );
}

function WhatMoves() {
  const { t } = useTranslation("downloads");
  const format = useFormat();
  const rows = useEngine((state) => state.rows);
  const selected = useUi((state) => state.selection.size);
  const { active, waiting } = useMemo(() => tallyOf(rows), [rows]);
  const moving = [
    active > 0 ? t("bottom.active", { count: active }) : t("bottom.quiet"),
    waiting > 0 ? t("bottom.waiting", { count: waiting }) : "",
  ];
  const chosen = selected > 1 ? t("list.selected", { count: selected }) : "";
  return (
    <span className="tabular min-w-0 truncate text-muted">
      {/* Where there is room for one of them, it is what was just done. */}
      <span className={cx(chosen !== "" && "max-sm:hidden")}>
        {moving.filter(Boolean).join(format.separator)}
        {chosen !== "" && format.separator}
      </span>
      {chosen}
    </span>
  );
}

const MB = 1_000_000;
const CHOICES_BYTES_PER_S = [1 * MB, 2 * MB, 5 * MB, 10 * MB, 20 * MB, 50 * MB];

function LimitMenu() {
  const { t } = useTranslation("downloads");
  const format = useFormat();
  const on = useEngine((state) => state.settings?.network.limit_on ?? false);
  const limit = useEngine((state) => state.settings?.network.limit_bytes_per_s ?? null);
  const actions = useActions();
  const limited = on && limit !== null;
  const choices =
    limit === null || CHOICES_BYTES_PER_S.includes(limit)
      ? CHOICES_BYTES_PER_S
      : [limit, ...CHOICES_BYTES_PER_S];
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          aria-label={`${t("limit.label")}: ${limited ? format.speed(limit) : t("limit.none")}`}
          className={cx(
            "tabular flex h-6 shrink-0 items-center gap-1.5 rounded-small px-1.5 transition-colors duration-120 hover:bg-hover max-sm:h-11",
            limited ? "font-medium text-accent-text" : "text-muted hover:text-text",
          )}
        >
          <Gauge aria-hidden="true" className="size-3.5" />
          {limited ? t("limit.on", { speed: format.speed(limit) }) : t("limit.none")}
        </button>
      }
    >
      {limit !== null && (
        <>
          <MenuCheckItem checked={on} onChange={actions.switchLimit}>
            {t("limit.label")}
          </MenuCheckItem>
          <MenuLine />
        </>
      )}
      <MenuChoice
        value={limited ? limit : 0}
        onChange={(chosen) => actions.limitAll(chosen === 0 ? null : chosen)}
        choices={[
          { value: 0, label: t("limit.none") },
          ...choices.map((value) => ({ value, label: format.speed(value) })),
        ]}
      />
      <MenuLine />
      <MenuItem onSelect={() => openDialog({ kind: "settings", section: "network" })}>
        {t("limit.more")}
      </MenuItem>
    </Menu>
  );
}

function FreeSpace() {
  const { t } = useTranslation("downloads");
  const format = useFormat();
  const roots = useEngine((state) => state.roots);
  const [root] = roots;
  if (!root) return null;
  const free = root.free_bytes;
  const low = free !== null && root.needed_bytes > free;
  const words =
    free === null
      ? t("bottom.diskGone")
      : low
        ? t("bottom.freeLow", { bytes: format.bytes(free), needed: format.bytes(root.needed_bytes) })
        : t("bottom.free", { bytes: format.bytes(free) });
  return (
    <span
      title={root.path}
      className={cx(
        "tabular flex shrink-0 items-center gap-1.5 max-sm:hidden",
        free === null || low ? "text-coral-text" : "text-muted",
      )}
    >
      <HardDrive aria-hidden="true" className="size-3.5" />
      {words}
    </span>
  );
}
