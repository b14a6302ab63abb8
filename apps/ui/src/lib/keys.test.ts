import { describe, expect, it } from "vitest";
import { ariaKeys, isPressed, keyLabels } from "./keys";

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "shiftKey" | "altKey", boolean>> = {},
) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe("keys", () => {
  it.each([
    ["Mod+K", press("k", { ctrlKey: true }), true],
    ["Mod+K", press("K", { ctrlKey: true, shiftKey: true }), false],
    ["Mod+Shift+K", press("K", { ctrlKey: true, shiftKey: true }), true],
    ["Mod+K", press("k"), false],
    ["Mod+K", press("k", { metaKey: true, ctrlKey: true }), false],
    ["?", press("?", { shiftKey: true }), true],
    ["?", press("?"), true],
    ["Mod++", press("+", { ctrlKey: true }), true],
    ["Space", press(" "), true],
    ["Delete", press("Delete", { shiftKey: true }), false],
  ])("%s and what was pressed: %j is %s", (keys, event, expected) => {
    expect(isPressed(keys, event, false)).toBe(expected);
  });

  it("are Command on a Mac", () => {
    expect(isPressed("Mod+K", press("k", { metaKey: true }), true)).toBe(true);
    expect(keyLabels("Mod+Shift+K", true)).toEqual(["⌘", "⇧", "K"]);
    expect(keyLabels("Mod+K", false)).toEqual(["Ctrl", "K"]);
    expect(ariaKeys("Mod+K", false)).toBe("Control+K");
  });
});
