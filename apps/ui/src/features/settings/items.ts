import type { SettingsSection } from "@/dialogs/store";
import type { Desktop } from "@/transport/types";

/** Every setting, by its section, in the order that they stand in. The search goes through these. */
export const ITEMS = {
  general: ["startWhenAdded", "onExisting", "askDuplicates", "askDeletion", "list"],
  folders: ["folder", "foldersByCategory", "categories", "chosenFolders"],
  network: [
    "connections",
    "connectionsPerHost",
    "downloadsAtOnce",
    "downloadsPerHost",
    "limit",
    "weekly",
    "proxy",
    "identity",
    "connectTimeout",
    "retryFor",
    "allowDowngrade",
  ],
  queues: ["queues"],
  integrity: ["onChange"],
  desktop: [
    "notifyFinished",
    "notifyFailed",
    "notifyAllDone",
    "keepAwake",
    "pauseOnBattery",
    "pauseOnMetered",
    "startAtLogin",
    "watchClipboard",
  ],
  appearance: ["theme", "accent", "density", "language"],
  about: ["about", "licences"],
} as const satisfies Record<SettingsSection, readonly string[]>;

/** The name of a setting. */
export type ItemId = (typeof ITEMS)[SettingsSection][number];

export const SECTIONS = Object.keys(ITEMS) as SettingsSection[];

/** The sections that there are where the page is: what is about a window of its own, only in one. */
export const sectionsOn = (desktop: Desktop | null): readonly SettingsSection[] =>
  desktop ? SECTIONS : SECTIONS.filter((section) => section !== "desktop");

/** The settings of a section that there are where the page is. */
export const itemsOn = (section: SettingsSection, desktop: Desktop | null): readonly ItemId[] => {
  const missing: ReadonlySet<ItemId> = !desktop ? OF_DIALOGS : desktop.knowsPower ? NONE : OF_POWER;
  return ITEMS[section].filter((item) => !missing.has(item));
};

const NONE: ReadonlySet<ItemId> = new Set();
const OF_POWER: ReadonlySet<ItemId> = new Set<ItemId>(["pauseOnBattery", "pauseOnMetered"]);
const OF_DIALOGS: ReadonlySet<ItemId> = new Set<ItemId>(["chosenFolders"]);

/** Whether what is searched for is said of a setting. All words must be found, in any order. */
export function fits(search: string, said: readonly string[]): boolean {
  const text = said.join(" ").toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
