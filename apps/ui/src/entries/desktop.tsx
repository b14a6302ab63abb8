import i18next from "i18next";
import { showToast } from "@/components/ui/toast";
import { askAbout } from "@/dialogs/from-outside";
import { isFree, openDialog } from "@/dialogs/store";
import { typedNow } from "@/dialogs/typed";
import { tellDropped } from "@/lib/dropped";
import { attend, desktop, type Errand, type WhyUnread } from "@/transport/shell";
import { TauriTransport } from "@/transport/tauri";
import { start } from "./start";

// The webview's own menu offers to reload the page, which is nothing to a window; for texts it stays.
document.addEventListener("contextmenu", (event) => {
  const target = event.target;
  if (target instanceof Element && target.closest("input, textarea, [contenteditable='true']")) return;
  event.preventDefault();
});

/** A name is to be read, and what is to be done about it. */
const UNREAD_SHOWN_MS = 15_000;

void start(new TauriTransport()).then(() => attend(run));

function run(errand: Errand, done: () => void): void {
  switch (errand.kind) {
    case "add":
      // A menu names no link: what is typed then is the person's own.
      askAbout(errand.text, errand.text === "" ? "person" : "others", done);
      break;
    case "dropped":
      tellDropped(errand.text);
      done();
      break;
    case "unread":
      showToast({
        subject: "unread",
        shownMs: UNREAD_SHOWN_MS,
        words: wordsOf(errand),
        tone: "failure",
      });
      done();
      break;
    case "paste":
      void desktop.readClipboard().then((text) => askAbout(text.trim(), "person", done));
      break;
    case "settings":
      if (isFree()) openDialog({ kind: "settings" });
      done();
      break;
    case "draft":
      openDialog(JSON.parse(errand.draft));
      break;
    case "leave":
      openDialog({ kind: "quit", closing: true, over: typedNow() });
      done();
      break;
    case "login_refused":
      showToast({ subject: "login", words: i18next.t("commands:said.loginRefused"), tone: "failure" });
      done();
      break;
    case "file_missing":
      showToast({ subject: "command", words: i18next.t("commands:said.fileMissing"), tone: "failure" });
      done();
      break;
    case "file_refused":
      showToast({ subject: "command", words: i18next.t("commands:said.fileRefused"), tone: "failure" });
      done();
      break;
    case "update":
      showToast({
        subject: "update",
        // It comes once, and nobody may be there then.
        shownMs: "until_answered",
        words: i18next.t("commands:said.update", { version: errand.version }),
        action: { label: i18next.t("commands:said.updateShow"), run: () => void desktop.showUpdate() },
        onAnswer: done,
      });
      break;
  }
}

const UNREAD = {
  missing: "commands:said.unread.missing",
  unreadable: "commands:said.unread.unreadable",
  too_large: "commands:said.unread.tooLarge",
  not_text: "commands:said.unread.notText",
  empty: "commands:said.unread.empty",
  no_link: "commands:said.unread.noLink",
} as const satisfies Record<WhyUnread, string>;

function wordsOf({ name, why, others }: Extract<Errand, { kind: "unread" }>): string {
  const words = i18next.t(UNREAD[why], { name });
  return others === 0 ? words : i18next.t("commands:said.unread.others", { words, count: others });
}
