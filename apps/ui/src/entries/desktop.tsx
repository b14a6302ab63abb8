import i18next from "i18next";
import { showToast } from "@/components/ui/toast";
import { askAbout } from "@/dialogs/from-outside";
import { isFree, openDialog } from "@/dialogs/store";
import { typedNow } from "@/dialogs/typed";
import { attend, desktop, type Errand } from "@/transport/shell";
import { TauriTransport } from "@/transport/tauri";
import { start } from "./start";

// The webview's own menu offers to reload the page, which is nothing to a window; for texts it stays.
document.addEventListener("contextmenu", (event) => {
  const target = event.target;
  if (target instanceof Element && target.closest("input, textarea, [contenteditable='true']")) return;
  event.preventDefault();
});

/** It comes once a day at most, and nobody waits for it. */
const UPDATE_SHOWN_MS = 60_000;

void start(new TauriTransport()).then(() => attend(run));

function run(errand: Errand, done: () => void): void {
  switch (errand.kind) {
    case "add":
      // A menu names no link: what is typed then is the person's own.
      askAbout(errand.text, errand.text === "" ? "person" : "others", done);
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
    case "update":
      showToast({
        subject: "update",
        shownMs: UPDATE_SHOWN_MS,
        words: i18next.t("commands:said.update", { version: errand.version }),
        action: { label: i18next.t("commands:said.updateShow"), run: () => void desktop.showUpdate() },
      });
      done();
      break;
  }
}
