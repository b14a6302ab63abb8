import { type OpenDialog, openDialog, useDialogs } from "./store";

/** Dialogs that hold nothing which would be lost if another one took their place. */
const GIVES_WAY: ReadonlySet<OpenDialog["kind"]> = new Set(["settings", "palette", "keys"]);

/** Links that somebody is to be asked about. */
interface Question {
  text: string;
  /** To be called once he has answered. */
  done(): void;
}

/** They wait until whoever is busy has time for them. */
let waiting: Question[] = [];
/** What is asked about now, and the dialog that asks. */
let asked: { dialog: OpenDialog; questions: readonly Question[] } | null = null;

/**
 * Asks about links that came from outside the page. Where somebody is filling in a dialog they wait, and are asked about
 * together when it is closed. Says whether they are asked about now; `done` is called when that dialog is closed.
 */
export function askAbout(text: string, done: () => void): "asked" | "waits" {
  const { shown } = useDialogs.getState();
  if (shown === null || GIVES_WAY.has(shown.kind)) {
    ask([{ text, done }]);
    return "asked";
  }
  // Nothing in particular is asked for: whoever is at it has his dialog.
  if (text === "") {
    done();
    return "asked";
  }
  waiting.push({ text, done });
  return "waits";
}

function ask(questions: readonly Question[]): void {
  const dialog: OpenDialog = { kind: "add", text: questions.map(({ text }) => text).join("\n") };
  asked = { dialog, questions };
  openDialog(dialog);
}

useDialogs.subscribe(({ shown }) => {
  if (asked !== null && shown !== asked.dialog) {
    const { questions } = asked;
    asked = null;
    if (shown === null) for (const { done } of questions) done();
    // Another dialog took its place before it was answered.
    else waiting.unshift(...questions.filter(({ text }) => text !== ""));
  }
  if (shown !== null || waiting.length === 0) return;
  const questions = waiting;
  waiting = [];
  ask(questions);
});
