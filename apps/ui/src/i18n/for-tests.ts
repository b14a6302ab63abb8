import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { figures, INTERPOLATION } from "./figures";
import english from "./locales/en";

/** Prepares English without waiting, for tests of components. */
export function startI18nForTests(): void {
  if (i18next.isInitialized) return;
  void i18next
    .use(initReactI18next)
    .use(figures)
    .init({
      resources: { en: english },
      lng: "en",
      fallbackLng: false,
      defaultNS: "common",
      initAsync: false,
      interpolation: INTERPOLATION,
    });
}
