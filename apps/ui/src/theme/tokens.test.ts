// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contrast, type Oklch, parseOklch } from "./contrast";

const CSS = readFileSync(new URL("../styles.css", import.meta.url), "utf8");
const ACCENTS = ["gold", "sea", "kelp", "coral"] as const;
const GROUNDS = ["surface", "panel", "raised", "hover"] as const;

/** Every custom property that rules with this selector set, later ones over earlier ones. */
function tokensOf(isFor: (selector: string) => boolean): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const [, selectors = "", body = ""] of CSS.matchAll(/^((?::root|\[data-)[^{]*)\{([^}]*)\}/gm)) {
    if (!selectors.split(",").some((selector) => isFor(selector.trim()))) continue;
    for (const [, name = "", value = ""] of body.matchAll(/--([\w-]+):\s*([^;]+);/g))
      tokens.set(name, value.trim());
  }
  return tokens;
}

function palette(theme: "light" | "dark", accent: (typeof ACCENTS)[number]): (name: string) => Oklch {
  const tokens = tokensOf(
    (selector) =>
      selector === ":root" ||
      selector === `[data-theme="${theme}"]` ||
      selector === `[data-accent="${accent}"]` ||
      selector === `[data-theme="${theme}"][data-accent="${accent}"]`,
  );
  return (name) => {
    let value = tokens.get(name);
    for (let depth = 0; depth < 4 && value?.startsWith("var("); depth += 1) {
      value = tokens.get(value.slice("var(--".length, -1));
    }
    const color = value === undefined ? null : parseOklch(value);
    if (!color) throw new Error(`--${name} is ${value ?? "not set"} in ${theme} with ${accent}`);
    return color;
  };
}

it("no colour is mixed with nothing by its hue: what has none would turn red", () => {
  const sheets = ["../styles.css", "../features/downloads/downloads.css", "../features/detail/detail.css"];
  const css = sheets.map((path) => readFileSync(new URL(path, import.meta.url), "utf8")).join("");
  expect(css.match(/color-mix\(in (?!oklab)[^)]*/g)).toBeNull();
});

describe.each(["light", "dark"] as const)("in %s", (theme) => {
  describe.each(ACCENTS)("with the accent %s", (accent) => {
    const color = palette(theme, accent);

    it.each(
      [
        "text",
        "text-muted",
        "text-faint",
        "sea-text",
        "gold-text",
        "kelp-text",
        "coral-text",
        "accent-text",
      ].flatMap((words) => [...GROUNDS, "selected"].map((ground) => [words, ground] as const)),
    )("%s can be read on %s", (words, ground) => {
      expect(contrast(color(words), color(ground))).toBeGreaterThanOrEqual(4.5);
    });

    it.each([
      ["on-accent", "accent"],
      ["on-accent", "accent-hover"],
      ["on-gold", "gold"],
      ["on-coral", "coral-solid"],
      ["on-coral", "coral-solid-hover"],
    ])("%s can be read on %s", (words, ground) => {
      expect(contrast(color(words), color(ground))).toBeGreaterThanOrEqual(4.5);
    });

    it.each(
      ["accent-ring", "gold-ring", "control"].flatMap((line) =>
        GROUNDS.map((ground) => [line, ground] as const),
      ),
    )("%s is seen on %s", (line, ground) => {
      expect(contrast(color(line), color(ground))).toBeGreaterThanOrEqual(3);
    });

    it.each(
      ["sea", "kelp", "coral", "mist"].flatMap((mark) =>
        ["surface", "panel", "track"].map((ground) => [mark, ground] as const),
      ),
    )("%s is seen on %s", (mark, ground) => {
      expect(contrast(color(mark), color(ground))).toBeGreaterThanOrEqual(3);
    });
  });
});
