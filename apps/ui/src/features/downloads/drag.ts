import type { DragEvent } from "react";
import type { DownloadId } from "@/generated";

const TYPE = "application/x-gannet-downloads";

/** Takes downloads along with the pointer. */
export function beginDrag(event: DragEvent, ids: readonly DownloadId[], words: string): void {
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData(TYPE, JSON.stringify(ids));
  const picture = document.createElement("div");
  picture.textContent = words;
  picture.className = "drag-picture";
  document.body.append(picture);
  event.dataTransfer.setDragImage(picture, -12, 14);
  // The browser takes its picture of it after this turn.
  setTimeout(() => picture.remove());
}

/** Whether downloads are being dragged; their ids cannot be read before they are dropped. */
export function holdsDownloads(event: DragEvent): boolean {
  return event.dataTransfer.types.includes(TYPE);
}

/** What was dropped. */
export function droppedIds(event: DragEvent): DownloadId[] {
  try {
    const ids: unknown = JSON.parse(event.dataTransfer.getData(TYPE));
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "number") : [];
  } catch {
    return [];
  }
}
