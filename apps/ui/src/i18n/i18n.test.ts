import { describe, expect, it } from "vitest";
import { loadTexts, TONGUES, type Tongue, tongueOf } from ".";
import type { Texts } from "./namespaces";
import { pseudoTexts } from "./pseudo";

const PLURAL = /_(zero|one|two|few|many|other)$/;

function flatten(value: object, path = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, inner] of Object.entries(value)) {
    const full = path === "" ? key : `${path}.${key}`;
    if (typeof inner === "string") texts.set(full, inner);
    else for (const [deeper, text] of flatten(inner, full)) texts.set(deeper, text);
  }
  return texts;
}

/** Keys without plural endings, and for each that has them which. */
function plurals(texts: Map<string, string>): Map<string, Set<string>> {
  const forms = new Map<string, Set<string>>();
  for (const key of texts.keys()) {
    // A key such as `too_many` only looks like a plural.
    const base = texts.has(key.replace(PLURAL, "_other")) ? key.replace(PLURAL, "") : key;
    const form = base === key ? undefined : PLURAL.exec(key)?.[1];
    const known = forms.get(base) ?? new Set<string>();
    if (form !== undefined) known.add(form);
    forms.set(base, known);
  }
  return forms;
}

const placeholders = (text: string): string[] =>
  [
    ...new Set(
      [...text.matchAll(/\{\{\s*([\w.]+).*?\}\}|<(\w+)>/g)].map((match) => match[1] ?? match[2] ?? ""),
    ),
  ].sort();

/** What the desktop shell says; the page does without it. */
const SHELL = import.meta.glob<object>("./locales/*/shell.json", { eager: true, import: "default" });

async function allTexts(tongue: Tongue): Promise<Texts> {
  return { ...(await loadTexts(tongue)), shell: SHELL[`./locales/${tongue}/shell.json`] ?? {} };
}

describe.each(Object.keys(TONGUES) as Tongue[])("the texts in %s", async (tongue) => {
  const english = await allTexts("en");
  const texts = await allTexts(tongue);

  it("have the keys that English has, and no others", () => {
    expect([...plurals(flatten(texts)).keys()].sort()).toEqual([...plurals(flatten(english)).keys()].sort());
  });

  it("have every plural form that the language has", () => {
    const needed = new Set(new Intl.PluralRules(tongue).resolvedOptions().pluralCategories);
    const inEnglish = plurals(flatten(english));
    for (const [key, forms] of plurals(flatten(texts))) {
      if (inEnglish.get(key)?.size === 0) expect(forms, key).toEqual(new Set());
      else expect(forms, key).toEqual(needed);
    }
  });

  it("name the placeholders that English names", () => {
    const inEnglish = new Map<string, string[]>();
    for (const [key, text] of flatten(english)) inEnglish.set(key, placeholders(text));
    for (const [key, text] of flatten(texts)) {
      const base = key.replace(PLURAL, "");
      const wanted = inEnglish.get(key) ?? inEnglish.get(`${base}_other`) ?? [];
      // "One file" may leave the number out.
      const optional = PLURAL.test(key) ? ["count"] : [];
      const strip = (names: string[]) => names.filter((name) => !optional.includes(name));
      expect(strip(placeholders(text)), key).toEqual(strip(wanted));
    }
  });

  it("are not empty and do not shout", () => {
    for (const [key, text] of flatten(texts)) {
      expect(text.trim(), key).not.toBe("");
      expect(text, key).not.toMatch(/[!！]/);
    }
  });
});

describe("the language", () => {
  it.each([
    ["tr", ["en-US"], "tr"],
    ["system", ["zh-Hans-CN", "en"], "zh-CN"],
    ["system", ["de-DE", "tr-TR", "en"], "tr"],
    ["system", ["de-DE"], "en"],
    ["system", [], "en"],
  ] as const)("%s for a person who reads %j is %s", (choice, preferred, tongue) => {
    expect(tongueOf(choice, preferred)).toBe(tongue);
  });

  it("for looking keeps placeholders and marks its ends", () => {
    expect(pseudoTexts({ a: { b: "Add {{count}} <b>files</b>" } })).toEqual({
      a: { b: "[Áðð {{count}} <b>ƒíļéš</b>·········]" },
    });
  });
});
