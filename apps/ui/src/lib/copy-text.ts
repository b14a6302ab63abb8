import type { Desktop } from "@/transport/types";

/** Copies a text; rejects where that is not allowed. A window asks its shell: its webview allows it only within a click. */
export async function copyText(desktop: Desktop | null, text: string): Promise<void> {
  if (!desktop) return navigator.clipboard.writeText(text);
  if (!(await desktop.writeClipboard(text))) throw new Error("the text could not be copied");
}
