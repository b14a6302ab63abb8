import { describe, expect, it } from "vitest";
import { rank } from "./rank";

const order = (typed: string, names: string[]) =>
  names
    .map((name) => ({ name, score: rank(typed, name) }))
    .filter(({ score }) => score !== null)
    .sort((one, other) => (other.score ?? 0) - (one.score ?? 0))
    .map(({ name }) => name);

describe("the palette", () => {
  it("puts the start of a name before the start of a word before the middle", () => {
    expect(order("set", ["Reset", "Open settings", "Settings"])).toEqual([
      "Settings",
      "Open settings",
      "Reset",
    ]);
  });

  it("takes the first letters of words", () => {
    expect(rank("pa", "Pause all")).not.toBeNull();
    expect(order("ra", ["Resume all", "Theme"])).toEqual(["Resume all"]);
  });

  it("does not mind case, accents and the dotless i", () => {
    expect(rank("sınır", "Hız sınırını aç")).not.toBeNull();
    expect(rank("SINIR", "Hız sınırını aç")).not.toBeNull();
    expect(rank("ubuntu", "ÜBUNTU.iso")).not.toBeNull();
  });

  it("leaves out what does not fit", () => {
    expect(rank("xyz", "Settings")).toBeNull();
  });
});
