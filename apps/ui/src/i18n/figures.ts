import type { FormatterModule, InterpolationOptions } from "i18next";

/** Making a format takes milliseconds: each language's is made once. */
const made = new Map<string, Intl.NumberFormat>();

function numbersOf(locale: string): Intl.NumberFormat {
  const known = made.get(locale) ?? new Intl.NumberFormat(locale);
  made.set(locale, known);
  return known;
}

/** Writes each number that a text names as its language does: 10,000, 10.000. */
export const figures: FormatterModule = {
  type: "formatter",
  init() {},
  add() {},
  addCached() {},
  format: (value, _format, locale) =>
    typeof value === "number" ? numbersOf(locale ?? "en").format(value) : value,
};

/** React escapes what it draws. */
export const INTERPOLATION: InterpolationOptions = { escapeValue: false, alwaysFormat: true };
