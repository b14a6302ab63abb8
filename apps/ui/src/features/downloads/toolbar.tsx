import {
  Command,
  Download,
  EllipsisVertical,
  Gauge,
  Keyboard,
  Menu as MenuIcon,
  PanelBottom,
  Pause,
  Play,
  Plus,
  Power,
  Search,
  Settings,
  Upload,
  X,
} from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useActions } from "@/commands/actions";
import { useRun } from "@/commands/use-commands";
import { Mark } from "@/components/logo";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Kbd } from "@/components/ui/kbd";
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuLine } from "@/components/ui/menu";
import { openDialog, useDialogs } from "@/dialogs/store";
import { useFormat } from "@/i18n/use-format";
import { focusList } from "@/lib/focus-list";
import { isPressed } from "@/lib/keys";
import { NARROW, useMedia, useSidebarWidth } from "@/lib/use-media";
import { useEngine } from "@/stores/engine";
import { type SortKey, useUi } from "@/stores/ui";
import { ColumnsMenu, firstDirection } from "./list/header";

/** What can be done with everything, and the search. */
export function Toolbar() {
  const { t } = useTranslation("downloads");
  const actions = useActions();
  const sidebar_px = useSidebarWidth();
  const narrow = useMedia(NARROW);
  const detailOpen = useUi((state) => state.detailOpen);
  const { openDrawer, openDetail, closeDetail } = useUi.getState();
  return (
    <header className="flex h-13 shrink-0 items-center gap-1 border-b border-hairline bg-panel pr-3 max-sm:h-15 max-sm:pr-2">
      {sidebar_px === 0 ? (
        <>
          <h1 className="sr-only">{t("app")}</h1>
          <IconButton label={t("sidebar.open")} className="ml-2" onClick={openDrawer}>
            <MenuIcon />
          </IconButton>
        </>
      ) : (
        <div style={{ width: sidebar_px }} className="flex shrink-0 items-center gap-2.5 pl-4.5">
          <Mark className="size-5.5" />
          <h1 className="text-large font-semibold tracking-tight">{t("app")}</h1>
        </div>
      )}
      <Button
        look="primary"
        icon={<Plus strokeWidth={2.25} />}
        className="sm:ml-2"
        onClick={() => openDialog({ kind: "add", text: "" })}
      >
        {t("toolbar.add")}
      </Button>
      {!narrow && (
        <div className="ml-2 flex items-center">
          <IconButton label={t("toolbar.resumeAll")} onClick={actions.resumeAll}>
            <Play />
          </IconButton>
          <IconButton label={t("toolbar.pauseAll")} onClick={actions.pauseAll}>
            <Pause />
          </IconButton>
          <LimitSwitch />
        </div>
      )}
      <div className="flex-1 max-sm:hidden" />
      <SearchField />
      {!narrow && (
        <>
          <ColumnsMenu />
          <IconButton
            label={t(detailOpen ? "action.hideDetail" : "action.detail")}
            keys="Enter"
            aria-pressed={detailOpen}
            data-pressed={detailOpen ? "" : undefined}
            onClick={detailOpen ? closeDetail : openDetail}
          >
            <PanelBottom />
          </IconButton>
          <IconButton
            label={t("toolbar.palette")}
            keys="Mod+K"
            onClick={() => openDialog({ kind: "palette" })}
          >
            <Command />
          </IconButton>
        </>
      )}
      <MoreMenu narrow={narrow} />
    </header>
  );
}

const NARROW_ORDERS: readonly SortKey[] = ["order", "name", "size", "speed", "added"];

/** What finds no place of its own where there is room for one column only, and what is about the program. */
function MoreMenu({ narrow }: { narrow: boolean }) {
  const { t } = useTranslation(["downloads", "commands"]);
  const actions = useActions();
  const run = useRun();
  const sort = useUi((state) => state.sort);
  const sortBy = useUi((state) => state.sortBy);
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t("downloads:action.more")}>
          <EllipsisVertical />
        </IconButton>
      }
    >
      {narrow && (
        <>
          <MenuItem icon={<Play />} onSelect={actions.resumeAll}>
            {t("downloads:toolbar.resumeAll")}
          </MenuItem>
          <MenuItem icon={<Pause />} onSelect={actions.pauseAll}>
            {t("downloads:toolbar.pauseAll")}
          </MenuItem>
          <MenuLine />
          <MenuHeading>{t("downloads:toolbar.order")}</MenuHeading>
          <MenuChoice
            value={sort.by}
            onChange={(by) => sortBy({ by, direction: firstDirection(by) })}
            choices={NARROW_ORDERS.map((key) => ({ value: key, label: t(`downloads:column.${key}`) }))}
          />
          <MenuLine />
        </>
      )}
      <MenuItem icon={<Upload />} onSelect={() => run("import")}>
        {t("commands:command.import")}
      </MenuItem>
      <MenuItem icon={<Download />} onSelect={() => run("export")}>
        {t("commands:command.export")}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Settings />} keys="Mod+," onSelect={() => run("settings")}>
        {t("commands:command.settings")}
      </MenuItem>
      <MenuItem icon={<Keyboard />} keys="?" onSelect={() => run("keys")}>
        {t("commands:command.keys")}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Power />} onSelect={() => run("quit")}>
        {t("commands:command.quit")}
      </MenuItem>
    </Menu>
  );
}

function LimitSwitch() {
  const { t } = useTranslation("downloads");
  const format = useFormat();
  const on = useEngine((state) => state.settings?.network.limit_on ?? false);
  const limit = useEngine((state) => state.settings?.network.limit_bytes_per_s ?? null);
  const actions = useActions();
  if (limit === null)
    return (
      <IconButton
        label={t("limit.label")}
        keys="L"
        onClick={() => openDialog({ kind: "settings", section: "network" })}
      >
        <Gauge />
      </IconButton>
    );
  return (
    <IconButton
      label={`${t(on ? "limit.switchOff" : "limit.switchOn")} (${format.speed(limit)})`}
      keys="L"
      aria-pressed={on}
      className={on ? "text-accent-text" : ""}
      onClick={() => actions.switchLimit(!on)}
    >
      <Gauge />
    </IconButton>
  );
}

function SearchField() {
  const { t } = useTranslation("downloads");
  const search = useUi((state) => state.search);
  const searchFor = useUi((state) => state.searchFor);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const writing =
        event.target instanceof HTMLElement && event.target.matches("input, textarea, [contenteditable]");
      if (!isPressed("Mod+F", event) && (writing || !isPressed("/", event))) return;
      if (useDialogs.getState().shown !== null) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);

  return (
    <div className="relative mr-1 w-72 min-w-0 max-lg:w-52 max-sm:mr-0 max-sm:w-auto max-sm:flex-1">
      <Search
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
      />
      <input
        ref={input}
        type="search"
        value={search}
        aria-label={t("toolbar.search")}
        placeholder={t("toolbar.search")}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => searchFor(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" && event.key !== "Enter" && event.key !== "ArrowDown") return;
          if (event.key === "Escape") searchFor("");
          focusList();
        }}
        className="search-field h-8 w-full rounded-small border border-hairline bg-field pr-9 max-sm:pr-2 pl-8.5 text-text transition-colors duration-120 placeholder:text-faint hover:border-control max-sm:h-11 max-sm:text-[16px]"
      />
      {search === "" ? (
        <Kbd
          keys="/"
          className="pointer-events-none absolute top-1/2 right-1.5 -translate-y-1/2 max-sm:hidden"
        />
      ) : (
        <IconButton
          label={t("toolbar.clearSearch")}
          className="absolute! top-1/2 right-0.5 size-7 -translate-y-1/2 max-sm:size-10"
          onClick={() => {
            searchFor("");
            input.current?.focus();
          }}
        >
          <X />
        </IconButton>
      )}
    </div>
  );
}
