import { type OpenDialog, openDialog, useDialogs } from "./store";

/** Dialogs that hold nothing which would be lost if another one took their place. */
const GIVES_WAY: ReadonlySet<OpenDialog["kind"]> = new Set(["settings", "palette", "keys"]);

/** Links that wait until whoever is busy has time for them. */
let waiting: string[] = [];

/**
 * Asks about links that came from outside the page. Where somebody is filling in a dialog they wait, and are asked about
 * together when it is closed. Says whether they are asked about now.
 */
export function askAbout(text: string): "asked" | "waits" {
  const { shown } = useDialogs.getState();
  if (shown === null || GIVES_WAY.has(shown.kind)) {
    openDialog({ kind: "add", text });
    return "asked";
  }
  // Nothing in particular is asked for: whoever is at it has his dialog.
  if (text === "") return "asked";
  waiting.push(text);
  return "waits";
}

useDialogs.subscribe(({ shown }) => {
  if (shown !== null || waiting.length === 0) return;
  const text = waiting.join("\n");
  waiting = [];
  openDialog({ kind: "add", text });
});
