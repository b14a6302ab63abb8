import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "@/generated";
import { figures, INTERPOLATION } from "./figures";
import type { Texts } from "./namespaces";
import { pseudoTexts } from "./pseudo";

/** A language that the page is written in. */
export type Tongue = Exclude<Language, "system">;

/** What is loaded: a language, or the one made for looking. */
export type Locale = Tongue | "pseudo";

/** Each in its own words, as a person looks for it. */
export const TONGUES: Record<Tongue, string> = { en: "English", tr: "Türkçe", "zh-CN": "简体中文" };

const KEPT = "gannet.language";

const LOADERS: Record<Tongue, () => Promise<{ default: Texts }>> = {
  en: () => import("./locales/en"),
  tr: () => import("./locales/tr"),
  "zh-CN": () => import("./locales/zh-CN"),
};

/** The texts of a language. */
export async function loadTexts(locale: Locale): Promise<Texts> {
  if (locale === "pseudo") return pseudoTexts((await LOADERS.en()).default);
  return (await LOADERS[locale]()).default;
}

/** Which language a choice comes to, among those that the person reads. */
export function tongueOf(choice: Language, preferred: readonly string[]): Tongue {
  if (choice !== "system") return choice;
  for (const wanted of preferred) {
    const base = wanted.toLowerCase().split("-")[0];
    if (base === "en" || base === "tr") return base;
    if (base === "zh") return "zh-CN";
  }
  return "en";
}

/** Prepares the texts; resolves before the first word is drawn. `?lang=pseudo` shows what was never translated. */
export async function startI18n(): Promise<i18n> {
  await i18next.use(initReactI18next).use(figures).init({
    resources: {},
    lng: "en",
    fallbackLng: false,
    defaultNS: "common",
    interpolation: INTERPOLATION,
    returnNull: false,
  });
  await switchTo(firstLocale());
  return i18next;
}

/** Turns to the language that the settings name; until it is loaded the old one stays. */
export async function setLanguage(choice: Language): Promise<void> {
  if (wantsPseudo()) return;
  remember(choice);
  await switchTo(tongueOf(choice, navigator.languages));
}

let wanted: Locale | null = null;

async function switchTo(locale: Locale): Promise<void> {
  wanted = locale;
  if (i18next.language === tagOf(locale) && i18next.hasResourceBundle(tagOf(locale), "common")) return;
  const texts = await loadTexts(locale);
  // Another choice was made while this one was on its way.
  if (wanted !== locale) return;
  for (const [namespace, entries] of Object.entries(texts)) {
    i18next.addResourceBundle(tagOf(locale), namespace, entries);
  }
  await i18next.changeLanguage(tagOf(locale));
  document.documentElement.lang = tagOf(locale);
}

/** A tag that `Intl` understands. */
function tagOf(locale: Locale): string {
  return locale === "pseudo" ? "en-XA" : locale;
}

function wantsPseudo(): boolean {
  return new URLSearchParams(location.search).get("lang") === "pseudo";
}

function firstLocale(): Locale {
  if (wantsPseudo()) return "pseudo";
  return tongueOf(kept(), navigator.languages);
}

/** The settings come from the server, after the first paint; what they said last time is a good guess. */
function kept(): Language {
  const value = localStorage.getItem(KEPT);
  return value !== null && value in LOADERS ? (value as Tongue) : "system";
}

function remember(choice: Language): void {
  if (choice === "system") localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, choice);
}
