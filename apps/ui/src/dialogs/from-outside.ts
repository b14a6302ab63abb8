import i18next from "i18next";
import { showToast } from "@/components/ui/toast";
import { type Bringer, type OpenDialog, openDialog, useDialogs } from "./store";

/** Dialogs that hold nothing which would be lost if another one took their place. */
const GIVES_WAY: ReadonlySet<OpenDialog["kind"]> = new Set(["settings", "palette", "keys"]);

/** Links that wait until whoever is busy has time for them. */
let waiting: { text: string; from: Bringer }[] = [];

/**
 * Asks about links that came from elsewhere than a dialog: from another program, by a paste or a drop. Where somebody is
 * filling in a dialog they wait, which a word says, and are asked about together when it is closed.
 */
export function askAbout(text: string, from: Bringer): void {
  const { shown } = useDialogs.getState();
  if (shown === null || GIVES_WAY.has(shown.kind)) openDialog({ kind: "add", text, from });
  // Nothing in particular is asked for by none: whoever is at it has his dialog.
  else if (text !== "") {
    waiting.push({ text, from });
    showToast({ subject: "links", words: i18next.t("commands:said.linksWait") });
  }
}

useDialogs.subscribe(({ shown }) => {
  if (shown !== null || waiting.length === 0) return;
  const text = waiting.map((one) => one.text).join("\n");
  const from = waiting.some((one) => one.from === "others") ? "others" : "person";
  waiting = [];
  openDialog({ kind: "add", text, from });
});
