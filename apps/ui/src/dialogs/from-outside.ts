import i18next from "i18next";
import { showToast } from "@/components/ui/toast";
import { type Bringer, isFree, type OpenDialog, openDialog, useDialogs } from "./store";

/** Links that somebody is to be asked about. */
interface Question {
  text: string;
  from: Bringer;
  /** Called once the person has answered. */
  done(): void;
}

/** They wait until whoever is busy has time for them. */
let waiting: Question[] = [];
/** What is asked about now, and the dialog that asks. */
let asked: { dialog: OpenDialog; questions: readonly Question[] } | null = null;

/**
 * Asks about links that came from elsewhere than a dialog: from another program, by a paste or a drop. Where somebody is
 * filling in a dialog they wait, which a word says, and are asked about together when it is closed. `done` is called when
 * the dialog that asked is closed.
 */
export function askAbout(text: string, from: Bringer, done: () => void = () => {}): void {
  if (isFree()) ask([{ text, from, done }]);
  // Nothing in particular is asked for by none: whoever is at it has his dialog.
  else if (text === "") done();
  else {
    waiting.push({ text, from, done });
    showToast({ subject: "links", words: i18next.t("commands:said.linksWait") });
  }
}

/** What the open dialog asks about is kept by other means, and is nobody's errand any more. */
export function keptOtherwise(): void {
  if (asked === null) return;
  const { questions } = asked;
  asked = null;
  for (const { done } of questions) done();
}

function ask(questions: readonly Question[]): void {
  const text = questions.map((one) => one.text).join("\n");
  const from = questions.some((one) => one.from === "others") ? "others" : "person";
  const dialog: OpenDialog = { kind: "add", text, from };
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
