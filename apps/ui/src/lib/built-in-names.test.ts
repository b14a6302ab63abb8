import { describe, expect, it } from "vitest";
import { builtInKind, isMainQueue } from "./built-in-names";

describe("a built-in name", () => {
  it("is told from one that a person gave", () => {
    expect(builtInKind({ id: 6, name: "Disk images" })).toBe("disk_image");
    expect(builtInKind({ id: 6, name: "ISOs" })).toBeNull();
    expect(builtInKind({ id: 9, name: "Disk images" })).toBeNull();
    expect(isMainQueue({ id: 1, name: "Main" })).toBe(true);
    expect(isMainQueue({ id: 1, name: "Everything" })).toBe(false);
    expect(isMainQueue({ id: 2, name: "Main" })).toBe(false);
  });
});
