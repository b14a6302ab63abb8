/** Whether this is a Mac, where ⌘ does what Ctrl does elsewhere. */
export const ON_MAC = typeof navigator !== "undefined" && /mac|iphone|ipad/i.test(navigator.platform);

const ON_MAC_SIGNS: Record<string, string> = { Mod: "⌘", Alt: "⌥", Shift: "⇧", Enter: "↩", Backspace: "⌫" };
const SIGNS: Record<string, string> = {
  Mod: "Ctrl",
  Enter: "↵",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Delete: "Del",
  Escape: "Esc",
};

/** What is written on the keys of `Mod+Shift+K`. */
export function keyLabels(keys: string, mac = ON_MAC): string[] {
  return partsOf(keys).map((part) => (mac ? ON_MAC_SIGNS[part] : undefined) ?? SIGNS[part] ?? part);
}

/** The same for `aria-keyshortcuts`. */
export function ariaKeys(keys: string, mac = ON_MAC): string {
  return partsOf(keys)
    .map((part) => (part === "Mod" ? (mac ? "Meta" : "Control") : part))
    .join("+");
}

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** Whether these keys were pressed, and no others. */
export function isPressed(keys: string, event: Pressed, mac = ON_MAC): boolean {
  const parts = partsOf(keys);
  const key = parts.at(-1) ?? "";
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  if (mod !== parts.includes("Mod") || other) return false;
  if (event.altKey !== parts.includes("Alt")) return false;
  // `?` needs Shift on most keyboards and not on others: a sign says itself which keys make it.
  const isSign = key.length === 1 && !/[\p{L}\p{N}]/u.test(key);
  if (!isSign && event.shiftKey !== parts.includes("Shift")) return false;
  return event.key.toLowerCase() === (key === "Space" ? " " : key.toLowerCase());
}

/** `Mod++` is Mod and the plus sign. */
function partsOf(keys: string): string[] {
  return keys.split(/(?<!^|\+)\+/);
}
