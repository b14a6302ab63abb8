import { Channel, invoke } from "@tauri-apps/api/core";
import type { FailureCode } from "@/generated";
import type { Choice, Desktop, Handed, Target } from "./types";

/** What the desktop shell asks of the page for somebody outside it. */
export type Errand =
  /** Ask whether these links are to be added: one or many, as text. */
  | { kind: "add"; text: string }
  /** Take what is in files that were dropped onto the window, where the webview gives the page none. */
  | { kind: "dropped"; text: string }
  /** Say that something was brought which gave no links: the first of it, why, and how many more did not. */
  | { kind: "unread"; name: string; why: WhyUnread; others: number }
  /** Ask about what was copied. */
  | { kind: "paste" }
  /** Go on with what was typed in the page before this one, as that page gave it to `keepDraft`. */
  | { kind: "draft"; draft: string }
  /** Show what can be set. */
  | { kind: "settings" }
  /** Ask whether everything is to end with the window, which was closed. */
  | { kind: "leave" }
  /** Say that the system does not let it be changed whether the program starts with the session. */
  | { kind: "login_refused" }
  /** Say that a finished file that was asked for outside is not where it was put. */
  | { kind: "file_missing" }
  /** Say that the system has no program for it. */
  | { kind: "file_refused" }
  /** Say that a newer version is there. */
  | { kind: "update"; version: string };

/** Why something from outside gave no links. */
export type WhyUnread = "missing" | "unreadable" | "too_large" | "not_text" | "empty" | "no_link";

/**
 * Is told every errand from now on, and those that no page before has done. What is not said to be done the next page is
 * told of.
 */
export async function attend(run: (errand: Errand, done: () => void) => void): Promise<void> {
  const channel = new Channel<Errand & { number: number }>(({ number, ...errand }) =>
    run(errand, () => void invoke("attended", { number }).catch(() => {})),
  );
  await invoke("attend", { channel });
}

/** What the shell does beside the manager's menu. */
export const desktop: Desktop = {
  chooseFolder: (start) => choose<string>("choose_folder", { start }),
  saveAs: (start, name) => choose<Target>("save_as", { start, name }),
  saveList: () => choose<string>("save_list", {}),
  readClipboard: () =>
    invoke<string | null>("read_clipboard").then(
      (text) => text ?? "",
      () => "",
    ),
  knowsPower: /linux/i.test(navigator.platform),
  keepDraft: (draft) => void invoke("keep_draft", { draft }).catch(() => {}),
  closeWindow: () => invoke<void>("close_window").catch(() => {}),
  goOnWithoutWindow: () => invoke<void>("go_on_without_window").catch(() => {}),
  showUpdate: () => invoke<void>("show_update").catch(() => {}),
  writeClipboard: (text) => invoke<boolean>("write_clipboard", { text }).catch(() => false),
  hand: (id, handing) => invoke<Handed>("hand_file", { id, handing }).catch(() => "refused"),
};

async function choose<T>(command: string, words: Record<string, unknown>): Promise<Choice<T>> {
  try {
    const chosen = await invoke<T | null>(command, words);
    return chosen === null ? { kind: "cancelled" } : { kind: "chosen", chosen };
  } catch (error) {
    return { kind: "refused", code: codeOf(error) };
  }
}

/** What the shell refuses with is a failure; what Tauri refuses with is not. */
function codeOf(error: unknown): FailureCode {
  return typeof error === "object" && error !== null && "code" in error
    ? (error.code as FailureCode)
    : "internal";
}
