import { openDialog } from "@/dialogs/store";
import { attend } from "@/transport/shell";
import { TauriTransport } from "@/transport/tauri";
import { start } from "./start";

// The webview's own menu offers to reload the page, which is nothing to a window; for texts it stays.
document.addEventListener("contextmenu", (event) => {
  const target = event.target;
  if (target instanceof Element && target.closest("input, textarea, [contenteditable='true']")) return;
  event.preventDefault();
});

void start(new TauriTransport()).then(() => attend(({ text }) => openDialog({ kind: "add", text })));
