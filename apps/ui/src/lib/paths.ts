/** Where a path is, seen from the roots. */
export interface PathPlace {
  /** The root's own name; the whole path where it is beneath none. */
  root: string;
  /** The folders from the root down. */
  steps: string[];
  /** The folder above, if that is beneath the root or the root itself. */
  parent: string | null;
}

/** Tells where a path is. Both kinds of slashes are understood, since the engine may run elsewhere than the page. */
export function placeOf(path: string, roots: readonly string[]): PathPlace {
  const clean = trimSlash(path);
  const root = roots
    .map(trimSlash)
    .filter(
      (known) => clean === known || (clean.startsWith(known) && /[/\\]/.test(clean[known.length] ?? "")),
    )
    .sort((one, other) => other.length - one.length)[0];
  if (root === undefined) return { root: clean, steps: [], parent: null };
  const steps = clean.slice(root.length).split(/[/\\]/).filter(Boolean);
  return {
    root: lastStep(root),
    steps,
    parent: steps.length === 0 ? null : clean.slice(0, clean.length - (steps.at(-1) ?? "").length - 1),
  };
}

/** A path's last name. */
export function lastStep(path: string): string {
  return trimSlash(path).split(/[/\\]/).at(-1) || path;
}

function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/[/\\]+$/, "") : path;
}
