import type { SettingsSection } from "@/dialogs/store";

/** Every setting, by its section, in the order that they stand in. The search goes through these. */
export const ITEMS = {
  general: ["startWhenAdded", "onExisting", "askDuplicates", "askDeletion", "list"],
  folders: ["folder", "foldersByCategory", "categories"],
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
  appearance: ["theme", "accent", "density", "language"],
  about: ["about", "licences"],
} as const satisfies Record<SettingsSection, readonly string[]>;

/** The name of a setting. */
export type ItemId = (typeof ITEMS)[SettingsSection][number];

export const SECTIONS = Object.keys(ITEMS) as SettingsSection[];

/** Whether what is searched for is said of a setting. All words must be found, in any order. */
export function fits(search: string, said: readonly string[]): boolean {
  const text = said.join(" ").toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
