import { describe, expect, it } from "vitest";
import { isSame, shared } from "./share";

describe("two values", () => {
  it.each([
    [1, 1, true],
    [null, {}, false],
    [[1, [2]], [1, [2]], true],
    [[1], [1, 2], false],
    [{ a: { b: 1 } }, { a: { b: 1 } }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1 }, { b: 1 }, false],
    [[], {}, false],
  ])("%j and %j say the same: %s", (one, other, same) => {
    expect(isSame(one, other)).toBe(same);
  });
});

describe("a value that came anew", () => {
  it("is the one that was there where nothing changed", () => {
    const before = { log: [{ text: "a" }], bytes: 1 };
    expect(shared(before, structuredClone(before))).toBe(before);
  });

  it("keeps the parts that did not change", () => {
    const before = { log: [{ text: "a" }], bytes: 1 };
    const next = shared(before, { log: [{ text: "a" }, { text: "b" }], bytes: 2 });
    expect(next).toEqual({ log: [{ text: "a" }, { text: "b" }], bytes: 2 });
    expect(next.log[0]).toBe(before.log[0]);
  });

  it("is itself where there was none", () => {
    const next = { bytes: 1 };
    expect(shared<typeof next | null>(null, next)).toBe(next);
    expect(shared<typeof next | null>(next, null)).toBe(null);
  });
});
