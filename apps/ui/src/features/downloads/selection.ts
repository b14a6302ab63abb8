import type { DownloadId } from "@/generated";
import type { Listing } from "./listing";

/** What is chosen, where a range of it begins, and where the keyboard is. */
export interface Selection {
  selection: ReadonlySet<DownloadId>;
  anchor: DownloadId | null;
  cursor: DownloadId | null;
}

/** How a click or a key changes what is chosen. */
export type Reach = "only" | "toggle" | "range" | "cursor";

/** Chooses a row, or everything from the anchor to it. */
export function choose(before: Selection, listing: Listing, id: DownloadId, reach: Reach): Selection {
  switch (reach) {
    case "only":
      return { selection: new Set([id]), anchor: id, cursor: id };
    case "cursor":
      return { ...before, cursor: id };
    case "toggle": {
      const selection = new Set(before.selection);
      if (!selection.delete(id)) selection.add(id);
      return { selection, anchor: id, cursor: id };
    }
    case "range": {
      const anchor = before.anchor ?? before.cursor ?? id;
      const from = listing.indexOf(anchor);
      const to = listing.indexOf(id);
      if (from < 0 || to < 0) return choose(before, listing, id, "only");
      const selection = new Set<DownloadId>();
      for (let index = Math.min(from, to); index <= Math.max(from, to); index++) {
        const row = listing.at(index);
        if (row) selection.add(row.id);
      }
      return { selection, anchor, cursor: id };
    }
  }
}

/** The row that a step from the cursor leads to; the first where there was none. */
export function stepFrom(listing: Listing, cursor: DownloadId | null, step: number): DownloadId | null {
  if (listing.total === 0) return null;
  const from = cursor === null ? -1 : listing.indexOf(cursor);
  const wanted = from < 0 ? (step > 0 ? 0 : listing.total - 1) : from + step;
  const direction = step > 0 ? -1 : 1;
  // A hole is not loaded yet: stop before it.
  for (
    let index = Math.min(Math.max(wanted, 0), listing.total - 1);
    index >= 0 && index < listing.total;
    index += direction
  ) {
    const row = listing.at(index);
    if (row) return row.id;
  }
  return null;
}

/** Leaves out what is not in the list any more. */
export function pruned(before: Selection, known: (id: DownloadId) => boolean): Selection {
  const kept = [...before.selection].filter(known);
  const same =
    kept.length === before.selection.size &&
    (before.anchor === null || known(before.anchor)) &&
    (before.cursor === null || known(before.cursor));
  if (same) return before;
  return {
    selection: new Set(kept),
    anchor: before.anchor !== null && known(before.anchor) ? before.anchor : null,
    cursor: before.cursor !== null && known(before.cursor) ? before.cursor : null,
  };
}

/** Where the keyboard is once its row has left the list: at the next row that stayed, at the one before where none did. */
export function afterLeaving(before: Listing, now: Listing, left: DownloadId): DownloadId | null {
  const place = before.indexOf(left);
  if (place < 0) return null;
  const stays = (index: number) => {
    const row = before.at(index);
    return row && now.indexOf(row.id) >= 0 ? row.id : null;
  };
  for (let index = place + 1; index < before.total; index++) {
    const id = stays(index);
    if (id !== null) return id;
  }
  for (let index = place - 1; index >= 0; index--) {
    const id = stays(index);
    if (id !== null) return id;
  }
  return null;
}
