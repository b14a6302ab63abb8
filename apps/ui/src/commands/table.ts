import type { ParseKeys } from "i18next";
import { offerOf } from "@/components/ui/toast";
import { closeDialog, openDialog } from "@/dialogs/store";
import type { DownloadId, Settings, Theme } from "@/generated";
import { useEngine } from "@/stores/engine";
import { useUi, type View } from "@/stores/ui";
import type { Desktop, Handing } from "@/transport/types";
import type { Actions } from "./actions";
import { chooseList, exportList } from "./transfer-list";
import type { Order } from "./use-orders";

/** What commands stand together under. */
export type CommandGroup = "add" | "selection" | "choice" | "all" | "view" | "appearance" | "app";

/** How a command reaches the world. */
export interface CommandContext {
  /** What only a window on the person's own screen can do. */
  desktop: Desktop | null;
  /** Asks the engine, and says in words what was refused. */
  order: Order;
  /** What can be done with downloads, as the list does it. */
  actions: Actions;
  /** Says something at the bottom of the page. */
  say(words: "imported" | "nothingNew", count: number): void;
  /** Says there where something went. */
  sayWhere(words: "listKept", place: string): void;
  /** Says why something cannot be done. */
  complain(words: Complaint): void;
}

/** Why something cannot be done, in the namespace `commands`. */
export type Complaint =
  | "notAList"
  | "unreadable"
  | "fileShown"
  | "fileMissing"
  | "fileRefused"
  | "listKeptNot"
  | "listKeptNotFull"
  | "listKeptNotThere";

/** Something that can be done: an entry of the palette, and a line of the keyboard sheet. */
export interface Command {
  id: string;
  group: CommandGroup;
  /** Its name, in the namespace `commands`. */
  label: ParseKeys<"commands">;
  keys?: string;
  /** Other keys that do the same. */
  also?: readonly string[];
  /** Who hears the keys: the page anywhere, or the list while it has the focus. */
  heardBy?: "page" | "list";
  /** Only a window on the person's own screen has it, or only a browser. */
  on?: "desktop" | "browser";
  /** Whether it can be done now. */
  can?(desktop: Desktop | null): boolean;
  /** Does it; what has none is only a key. */
  run?(context: CommandContext): void | Promise<void>;
}

/** Whoever opens a whole list at once did not mean it. */
const MOST_HANDED = 10;

const selection = (): DownloadId[] => [...useUi.getState().selection];
const hasSelection = () => useUi.getState().selection.size > 0;
const hasOne = () => useUi.getState().selection.size === 1;

const onSelection =
  (action: "resume" | "pause" | "restart" | "copyLinks") =>
  ({ actions }: CommandContext) =>
    actions[action](selection());

const moveTo =
  (place: "first" | "last") =>
  ({ actions }: CommandContext) =>
    actions.move(selection(), place);

const show = (kind: Exclude<View["kind"], "category" | "queue">) => () => {
  useUi.getState().show({ kind });
};

const change = (context: CommandContext, to: (settings: Settings) => Settings) => {
  const { settings } = useEngine.getState();
  if (settings) void context.order({ action: "change_settings", settings: to(settings) });
};

const theme = (wanted: Theme) => (context: CommandContext) =>
  change(context, (settings) => ({ ...settings, appearance: { ...settings.appearance, theme: wanted } }));

const forFirst = (kind: "new_link" | "rename") => () => {
  const [id] = selection();
  if (id !== undefined) openDialog({ kind, id });
};

const hand = (handing: Handing) => (context: CommandContext) => {
  for (const id of selection().slice(0, MOST_HANDED)) void handOne(context, id, handing);
};

async function handOne(context: CommandContext, id: DownloadId, handing: Handing): Promise<void> {
  const handed = await context.desktop?.hand(id, handing);
  if (handed === "shown") context.complain("fileShown");
  if (handed === "missing") context.complain("fileMissing");
  if (handed === "refused") context.complain("fileRefused");
}

/** Everything that can be done where the page is, in the order that the palette and the keyboard sheet show it in. */
export const commandsOn = (desktop: Desktop | null): readonly Command[] =>
  COMMANDS.filter(({ on }) => on !== (desktop ? "browser" : "desktop"));

/** Everything that can be done. */
export const COMMANDS: readonly Command[] = [
  {
    id: "add",
    group: "add",
    label: "command.add",
    keys: "N",
    heardBy: "page",
    run: () => openDialog({ kind: "add", text: "" }),
  },
  { id: "paste", group: "add", label: "command.paste", keys: "Mod+V", heardBy: "list" },
  {
    id: "add_clipboard",
    group: "add",
    label: "command.addFromClipboard",
    can: canReadClipboard,
    run: addFromClipboard,
  },

  { id: "toggle", group: "selection", label: "command.toggle", keys: "Space", heardBy: "list" },
  {
    id: "resume",
    group: "selection",
    label: "command.resume",
    can: hasSelection,
    run: onSelection("resume"),
  },
  {
    id: "pause",
    group: "selection",
    label: "command.pause",
    can: hasSelection,
    run: onSelection("pause"),
  },
  {
    id: "open_file",
    group: "selection",
    label: "command.open",
    keys: "Mod+O",
    heardBy: "page",
    on: "desktop",
    can: hasSelection,
    run: hand("open"),
  },
  {
    id: "show_in_folder",
    group: "selection",
    label: "command.showInFolder",
    keys: "Mod+Shift+O",
    heardBy: "page",
    on: "desktop",
    can: hasSelection,
    run: hand("show"),
  },
  {
    id: "open_with",
    group: "selection",
    label: "command.openWith",
    on: "desktop",
    can: hasOne,
    run: hand("open_with"),
  },
  {
    id: "detail",
    group: "selection",
    label: "command.detail",
    keys: "Enter",
    heardBy: "list",
    can: hasSelection,
    run: toggleDetail,
  },
  {
    id: "remove",
    group: "selection",
    label: "command.remove",
    keys: "Delete",
    also: ["Backspace"],
    heardBy: "list",
    can: hasSelection,
    run: ({ actions }) => actions.remove(selection(), "keep"),
  },
  {
    id: "remove_files",
    group: "selection",
    label: "command.removeFiles",
    keys: "Shift+Delete",
    heardBy: "list",
    can: hasSelection,
    run: () => openDialog({ kind: "remove", ids: selection() }),
  },
  {
    id: "rename",
    group: "selection",
    label: "command.rename",
    keys: "F2",
    heardBy: "list",
    can: hasOne,
    run: forFirst("rename"),
  },
  {
    id: "copy_link",
    group: "selection",
    label: "command.copyLink",
    keys: "Mod+C",
    heardBy: "list",
    can: hasSelection,
    run: onSelection("copyLinks"),
  },
  {
    id: "move",
    group: "selection",
    label: "command.move",
    can: hasSelection,
    run: () => openDialog({ kind: "folder", ids: selection() }),
  },
  {
    id: "limit",
    group: "selection",
    label: "command.limit",
    can: hasSelection,
    run: () => openDialog({ kind: "limit", ids: selection() }),
  },
  { id: "new_link", group: "selection", label: "command.newLink", can: hasOne, run: forFirst("new_link") },
  {
    id: "restart",
    group: "selection",
    label: "command.restart",
    can: hasSelection,
    run: onSelection("restart"),
  },
  { id: "up", group: "selection", label: "command.up", keys: "Alt+ArrowUp", heardBy: "list" },
  { id: "down", group: "selection", label: "command.down", keys: "Alt+ArrowDown", heardBy: "list" },
  { id: "first", group: "selection", label: "command.first", can: hasSelection, run: moveTo("first") },
  { id: "last", group: "selection", label: "command.last", can: hasSelection, run: moveTo("last") },

  { id: "select_all", group: "choice", label: "command.selectAll", keys: "Mod+A", heardBy: "list" },
  {
    id: "select_range",
    group: "choice",
    label: "command.selectRange",
    keys: "Shift+ArrowUp",
    also: ["Shift+ArrowDown"],
    heardBy: "list",
  },
  { id: "select_one", group: "choice", label: "command.selectOne", keys: "Mod+Space", heardBy: "list" },
  { id: "ends", group: "choice", label: "command.ends", keys: "Home", also: ["End"], heardBy: "list" },
  { id: "let_go", group: "choice", label: "command.letGo", keys: "Escape", heardBy: "list" },

  {
    id: "undo",
    group: "all",
    label: "command.undo",
    keys: "Mod+Z",
    heardBy: "page",
    can: () => offerOf("removed") !== undefined,
    run: () => offerOf("removed")?.(),
  },
  {
    id: "resume_all",
    group: "all",
    label: "command.resumeAll",
    run: ({ actions }) => actions.resumeAll(),
  },
  {
    id: "pause_all",
    group: "all",
    label: "command.pauseAll",
    run: ({ actions }) => actions.pauseAll(),
  },
  {
    id: "switch_limit",
    group: "all",
    label: "command.switchLimit",
    keys: "L",
    heardBy: "page",
    run: switchLimit,
  },
  { id: "export", group: "all", label: "command.export", run: exportList },
  { id: "import", group: "all", label: "command.import", run: chooseList },

  {
    id: "find",
    group: "view",
    label: "command.find",
    keys: "/",
    also: ["Mod+F"],
    heardBy: "list",
    run: focusSearch,
  },
  { id: "show_all", group: "view", label: "command.showAll", keys: "1", heardBy: "page", run: show("all") },
  {
    id: "show_active",
    group: "view",
    label: "command.showActive",
    keys: "2",
    heardBy: "page",
    run: show("active"),
  },
  {
    id: "show_waiting",
    group: "view",
    label: "command.showWaiting",
    keys: "3",
    heardBy: "page",
    run: show("waiting"),
  },
  {
    id: "show_finished",
    group: "view",
    label: "command.showFinished",
    keys: "4",
    heardBy: "page",
    run: show("finished"),
  },
  {
    id: "show_failed",
    group: "view",
    label: "command.showFailed",
    keys: "5",
    heardBy: "page",
    run: show("failed"),
  },

  { id: "theme_light", group: "appearance", label: "command.themeLight", run: theme("light") },
  { id: "theme_dark", group: "appearance", label: "command.themeDark", run: theme("dark") },
  { id: "theme_system", group: "appearance", label: "command.themeSystem", run: theme("system") },
  {
    id: "density",
    group: "appearance",
    label: "command.density",
    keys: "D",
    heardBy: "page",
    run: changeDensity,
  },

  {
    id: "palette",
    group: "app",
    label: "command.palette",
    keys: "Mod+K",
    heardBy: "page",
    run: () => openDialog({ kind: "palette" }),
  },
  {
    id: "keys",
    group: "app",
    label: "command.keys",
    keys: "?",
    heardBy: "page",
    run: () => openDialog({ kind: "keys" }),
  },
  {
    id: "settings",
    group: "app",
    label: "command.settings",
    keys: "Mod+,",
    heardBy: "page",
    run: () => openDialog({ kind: "settings" }),
  },
  {
    id: "settings_network",
    group: "app",
    label: "command.settingsNetwork",
    run: () => openDialog({ kind: "settings", section: "network" }),
  },
  {
    id: "settings_queues",
    group: "app",
    label: "command.settingsQueues",
    run: () => openDialog({ kind: "settings", section: "queues" }),
  },
  {
    id: "settings_appearance",
    group: "app",
    label: "command.settingsAppearance",
    run: () => openDialog({ kind: "settings", section: "appearance" }),
  },
  {
    id: "close",
    group: "app",
    label: "command.close",
    keys: "Mod+W",
    heardBy: "page",
    on: "desktop",
    run: ({ desktop }) => void desktop?.closeWindow(),
  },
  // In a browser its key is the browser's.
  { id: "quit", group: "app", label: "command.quit", on: "browser", run: quit },
  {
    id: "quit_window",
    group: "app",
    label: "command.quit",
    keys: "Mod+Q",
    heardBy: "page",
    on: "desktop",
    run: quit,
  },
];

function quit(): void {
  openDialog({ kind: "quit" });
}

function switchLimit({ actions }: CommandContext): void {
  const network = useEngine.getState().settings?.network;
  // Without a limit there is nothing to switch on yet.
  if (network?.limit_bytes_per_s == null) openDialog({ kind: "settings", section: "network" });
  else actions.switchLimit(!network.limit_on);
}

function changeDensity(context: CommandContext): void {
  change(context, (settings) => {
    const density = settings.appearance.density === "compact" ? "comfortable" : "compact";
    return { ...settings, appearance: { ...settings.appearance, density } };
  });
}

function toggleDetail(): void {
  const { detailOpen, openDetail, closeDetail } = useUi.getState();
  if (detailOpen) closeDetail();
  else openDetail();
}

function canReadClipboard(desktop: Desktop | null): boolean {
  return desktop !== null || typeof navigator.clipboard?.readText === "function";
}

async function addFromClipboard({ desktop }: CommandContext): Promise<void> {
  // Where the browser does not allow it, the field is there to paste into.
  const text = await (desktop?.readClipboard() ?? navigator.clipboard.readText().catch(() => ""));
  openDialog({ kind: "add", text: text.trim() });
}

function focusSearch(): void {
  closeDialog();
  // After the dialog has given the focus back.
  setTimeout(() => document.querySelector<HTMLElement>("input[type='search']")?.focus(), 50);
}
