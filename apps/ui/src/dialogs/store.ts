import { create } from "zustand";
import type { Draft } from "@/features/add/draft";
import type { DownloadId } from "@/generated";

/** The sections of the settings, as they are linked to. */
export type SettingsSection =
  | "general"
  | "folders"
  | "network"
  | "queues"
  | "integrity"
  | "desktop"
  | "appearance"
  | "about";

/** Who brought links: the person before the page, or any program and web page there is. */
export type Bringer = "person" | "others";

/** What lies over the list, and what it is about. One at a time. */
export type OpenDialog =
  /**
   * `text` is what was pasted or dropped; what others brought is not asked for before the person agreed. `draft` is what
   * was set already, where the dialog comes once more.
   */
  | { kind: "add"; text: string; from?: Bringer; draft?: Draft }
  | { kind: "settings"; section?: SettingsSection }
  | { kind: "palette" }
  | { kind: "keys" }
  /**
   * Asks before everything stops; `closing` where it would because the window was closed. `over` is what it lies over, and
   * what comes again when it is left.
   */
  | { kind: "quit"; closing?: boolean; over?: OpenDialog | null }
  /** The remedy of an expired link. */
  | { kind: "new_link"; id: DownloadId }
  /** Another address of the same file. */
  | { kind: "mirror"; id: DownloadId }
  /** The remedy of a folder that is gone, full or forbidden; also "Move to…". */
  | { kind: "folder"; ids: readonly DownloadId[] }
  /** The remedy of a server that asks who one is. */
  | { kind: "credentials"; id: DownloadId }
  | { kind: "rename"; id: DownloadId }
  /** Asks before files are deleted. Removing from the list alone is not asked about; it can be undone. */
  | { kind: "remove"; ids: readonly DownloadId[] }
  /** The limit of these downloads. */
  | { kind: "limit"; ids: readonly DownloadId[] };

/** Dialogs that hold nothing which would be lost if another one took their place. */
const GIVES_WAY: ReadonlySet<OpenDialog["kind"]> = new Set(["settings", "palette", "keys"]);

interface DialogsState {
  shown: OpenDialog | null;
}

/** Which dialog is open. Any feature may open one, by name; `<Dialogs />` knows who draws it. */
export const useDialogs = create<DialogsState>()(() => ({ shown: null }));

/** Whether a dialog can be opened without taking away what somebody is filling in. */
export function isFree(): boolean {
  const { shown } = useDialogs.getState();
  return shown === null || GIVES_WAY.has(shown.kind);
}

/** Opens a dialog in place of the one that is open. */
export function openDialog(dialog: OpenDialog): void {
  useDialogs.setState({ shown: dialog });
}

/** Closes what is open, and whatever it lies over. */
export function closeAllDialogs(): void {
  useDialogs.setState({ shown: null });
}

/** Closes whatever is open. */
export function closeDialog(): void {
  const { shown } = useDialogs.getState();
  useDialogs.setState({ shown: (shown?.kind === "quit" && shown.over) || null });
}
