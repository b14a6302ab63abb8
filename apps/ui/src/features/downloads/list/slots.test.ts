import { describe, expect, it } from "vitest";
import { type Seen, type Slotted, slotted } from "./slots";

/** Rows of a list whose keys are letters. */
const rows = (from: number, keys: string): Seen[] =>
  [...keys].map((key, place) => ({ key, index: from + place }));

const shown = (some: readonly Slotted[]) => some.map(({ key, slot }) => `${key}${slot}`).join(" ");

describe("elements of the list", () => {
  const first = slotted([], rows(0, "abcd"), "rests");

  it("are made for what is seen first", () => {
    expect(shown(first)).toBe("a0 b1 c2 d3");
  });

  it("go from what scrolled out to what scrolled in, and stay where they stand meanwhile", () => {
    const down = slotted(first, rows(2, "cdef"), "scrolls");
    expect(shown(down)).toBe("e0 f1 c2 d3");
    expect(shown(slotted(down, rows(1, "bcde"), "scrolls"))).toBe("e0 b1 c2 d3");
  });

  it("stand as the rows do once scrolling rests", () => {
    const down = slotted(first, rows(2, "cdef"), "scrolls");
    expect(shown(slotted(down, rows(2, "cdef"), "rests"))).toBe("c2 d3 e0 f1");
  });

  it("stay with their rows when these change places", () => {
    expect(shown(slotted(first, rows(0, "dacb"), "rests"))).toBe("d3 a0 c2 b1");
  });

  it("are as many as there are rows", () => {
    const fewer = slotted(first, rows(1, "bc"), "scrolls");
    expect(shown(fewer)).toBe("b1 c2");
    const more = slotted(fewer, rows(0, "abcde"), "rests");
    expect(shown(more)).toBe("a3 b1 c2 d4 e5");
    expect(new Set(more.map(({ slot }) => slot)).size).toBe(5);
  });
});
