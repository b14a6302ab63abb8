import type { Category, FileKind, Queue } from "@/generated";

/** What the engine makes at first, by number: its name in the store, and the kind that it is translated by. */
const CATEGORIES: Readonly<Record<number, readonly [name: string, kind: Exclude<FileKind, "other">]>> = {
  1: ["Video", "video"],
  2: ["Music", "audio"],
  3: ["Images", "image"],
  4: ["Documents", "document"],
  5: ["Archives", "archive"],
  6: ["Disk images", "disk_image"],
  7: ["Programs", "program"],
};
const MAIN_QUEUE = { id: 1, name: "Main" };

/** The kind that a category was made for, where nobody gave it a name of their own. */
export function builtInKind({ id, name }: Pick<Category, "id" | "name">): Exclude<FileKind, "other"> | null {
  const [given, kind] = CATEGORIES[id] ?? [null, null];
  return name === given ? kind : null;
}

/** Whether it is the queue that is always there, under the name that it was made with. */
export function isMainQueue({ id, name }: Pick<Queue, "id" | "name">): boolean {
  return id === MAIN_QUEUE.id && name === MAIN_QUEUE.name;
}
