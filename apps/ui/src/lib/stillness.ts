const reduced = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");

/** Whether the person asked for no motion. */
export function wantsStillness(): boolean {
  return reduced?.matches ?? false;
}
