/** A row that can be seen: which one it is, and its place in the whole list. */
export interface Seen {
  key: string | number;
  index: number;
}

/** And which of the list's elements shows it. */
export interface Slotted extends Seen {
  slot: number;
}

/**
 * Gives each row that is seen an element, in the order in which the elements stand in the document. A row keeps its own; one
 * that scrolls in gets that of one which scrolled out: filling it costs a part of what making one does. While it is scrolled
 * the elements stay where they are, since moving one costs as much as making it; once that rests they stand as the rows do,
 * for who walks the document.
 */
export function slotted(
  before: readonly Slotted[],
  seen: readonly Seen[],
  motion: "scrolls" | "rests",
): readonly Slotted[] {
  const wanted = new Map(seen.map((row) => [row.key, row]));
  const held = new Set(before.map(({ key }) => key));
  const fresh = seen.filter(({ key }) => !held.has(key));
  const taken: Slotted[] = [];
  for (const { key, slot } of before) {
    const row = wanted.get(key) ?? fresh.shift();
    if (row) taken.push({ ...row, slot });
  }
  let next = Math.max(-1, ...before.map(({ slot }) => slot)) + 1;
  for (const row of fresh) taken.push({ ...row, slot: next++ });
  return motion === "rests" ? taken.sort((a, b) => a.index - b.index) : taken;
}
