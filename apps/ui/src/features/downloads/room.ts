import type { Root } from "@/generated";

/** The root whose room is shown: the one that lacks most for what is to come, or the first where none lacks any. */
export function tightest(roots: readonly Root[]): Root | undefined {
  return roots.reduce<Root | undefined>(
    (worst, root) => (!worst || lack_bytes(root) > Math.max(0, lack_bytes(worst)) ? root : worst),
    undefined,
  );
}

/** A root that is gone lacks everything. */
function lack_bytes({ free_bytes, needed_bytes }: Root): number {
  return free_bytes === null ? Number.POSITIVE_INFINITY : needed_bytes - free_bytes;
}
