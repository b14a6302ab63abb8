import { describe, expect, it } from "vitest";
import { placeOf } from "./paths";

describe("a place", () => {
  it.each([
    ["/srv/Downloads", ["/srv/Downloads"], { root: "Downloads", steps: [], parent: null }],
    [
      "/srv/Downloads/Video/Trip/",
      ["/srv/Downloads", "/mnt"],
      { root: "Downloads", steps: ["Video", "Trip"], parent: "/srv/Downloads/Video" },
    ],
    ["/srv/Downloads2", ["/srv/Downloads"], { root: "/srv/Downloads2", steps: [], parent: null }],
    ["D:\\Media\\Video", ["D:\\Media"], { root: "Media", steps: ["Video"], parent: "D:\\Media" }],
  ])("%s beneath %j", (path, roots, place) => {
    expect(placeOf(path, roots)).toEqual(place);
  });
});
