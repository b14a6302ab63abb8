import { useTranslation } from "react-i18next";
import { createFormat, type Format } from "@/lib/format";

/** Making the formats of a language takes milliseconds, and every row uses them: they are made once. */
const made = new Map<string, { perSecond: string; format: Format }>();

/** Numbers, sizes, speeds and times in the language that the page speaks. */
export function useFormat(): Format {
  const { t, i18n } = useTranslation("common");
  const perSecond = t("format.perSecond");
  const known = made.get(i18n.language);
  // The words of a language may come after its name.
  if (known?.perSecond === perSecond) return known.format;
  const format = createFormat(i18n.language, {
    about: (time) => i18n.t("format.about", { ns: "common", time }),
    perSecond,
    justNow: t("format.justNow"),
  });
  made.set(i18n.language, { perSecond, format });
  return format;
}
