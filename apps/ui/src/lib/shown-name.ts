/** Signs that turn the direction of text: with them `exe.png` is shown of a program. */
const TURNING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g;

/** A file's name as it is safe to show. */
export function shownName(name: string): string {
  return name.replace(TURNING, "");
}

/** The same for what bears such a name: itself where there is nothing to leave out. */
export function shownRow<Named extends { name: string }>(row: Named): Named {
  const name = shownName(row.name);
  return name === row.name ? row : { ...row, name };
}
