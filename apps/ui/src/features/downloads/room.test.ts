import { describe, expect, it } from "vitest";
import type { Root } from "@/generated";
import { tightest } from "./room";

const root = (path: string, free_bytes: number | null, needed_bytes: number): Root => ({
  path,
  chosen: false,
  free_bytes,
  needed_bytes,
});

describe("the room that is shown", () => {
  it.each<[string, Root[], string | undefined]>([
    ["none", [], undefined],
    ["the first, where all have enough", [root("/a", 50, 40), root("/b", 9, 0)], "/a"],
    ["the one that lacks", [root("/a", 50, 40), root("/b", 9, 10)], "/b"],
    ["the one that lacks most", [root("/a", 1, 10), root("/b", 1, 3)], "/a"],
    ["the one that is gone", [root("/a", 1, 10), root("/b", null, 0)], "/b"],
  ])("is of %s", (_, roots, path) => {
    expect(tightest(roots)?.path).toBe(path);
  });
});
