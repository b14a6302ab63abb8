import { describe, expect, it } from "vitest";
import { NOTHING_TOLD, toldAgain } from "./notices";

describe("news", () => {
  it("of one sort that comes together is counted, and later news begins anew", () => {
    const first = toldAgain(NOTHING_TOLD, 0);
    const third = toldAgain(toldAgain(first, 100), 4_000);
    expect([first.count, third.count]).toEqual([1, 3]);
    expect(toldAgain(third, 9_100).count).toBe(1);
  });
});
