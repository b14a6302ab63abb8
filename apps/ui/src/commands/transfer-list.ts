import type { Desktop } from "@/transport/types";
import type { CommandContext } from "./table";

/** Longer than any exported list that the engine takes. */
export const MOST_LIST_BYTES = 64 * 1024 * 1024;

/** Saves the whole list as a file, with full links but without logins, headers and cookies. */
export async function exportList(context: CommandContext): Promise<void> {
  if (context.desktop) return keepList(context, context.desktop);
  const reply = await context.order({ action: "export" });
  if (reply?.kind !== "exported") return;
  const address = URL.createObjectURL(new Blob([reply.text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "gannet-downloads.json";
  link.click();
  URL.revokeObjectURL(address);
}

/** A window has no folder of its own for what a page makes: the person says where it goes. */
async function keepList(context: CommandContext, desktop: Desktop): Promise<void> {
  const kept = await desktop.saveList();
  if (kept.kind === "chosen") context.sayWhere("listKept", kept.chosen);
  if (kept.kind !== "refused") return;
  if (kept.code === "disk_full") context.complain("listKeptNotFull");
  else context.complain(kept.code === "disk" ? "listKeptNotThere" : "listKeptNot");
}

/** Lets a file be chosen, and takes in the list that it holds. */
export function chooseList(context: CommandContext): void {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".json,application/json";
  input.onchange = async () => {
    const file = input.files?.[0];
    if (!file) return;
    if (file.size > MOST_LIST_BYTES) return context.complain("notAList");
    // It may be gone by now, or not ours to read.
    const text = await file.text().catch(() => null);
    if (text === null) context.complain("unreadable");
    else await importList(context, text);
  };
  input.click();
}

/** Takes in a list that was exported. */
export async function importList(context: CommandContext, text: string): Promise<void> {
  if (!isExportedList(text)) return context.complain("notAList");
  const reply = await context.order({ action: "import", text });
  if (reply?.kind === "added")
    context.say(reply.ids.length > 0 ? "imported" : "nothingNew", reply.ids.length);
}

/** Whether a text is a list that Gannet exported: by the mark at its beginning, since it may be long. */
export function isExportedList(text: string): boolean {
  return /^\s*\{\s*"gannet_list"\s*:/.test(text.slice(0, 200));
}
