import { describe, expect, it } from "vitest";
import { placeOf } from "./paths";

describe("a place", () => {
  it.each([
    ["/home/a/Downloads", ["/home/a/Downloads"], { root: "Downloads", steps: [], parent: null }],
    [
      "/home/a/Downloads/Video/Trip/",
      ["/home/a/Downloads", "/mnt"],
      { root: "Downloads", steps: ["Video", "Trip"], parent: "/home/a/Downloads/Video" },
    ],
    ["/home/a/Downloads2", ["/home/a/Downloads"], { root: "/home/a/Downloads2", steps: [], parent: null }],
    ["C:\\Users\\a\\Video", ["C:\\Users\\a"], { root: "a", steps: ["Video"], parent: "C:\\Users\\a" }],
  ])("%s beneath %j", (path, roots, place) => {
    expect(placeOf(path, roots)).toEqual(place);
  });
});
