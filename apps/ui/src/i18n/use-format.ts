import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { createFormat, type Format } from "@/lib/format";

/** Numbers, sizes, speeds and times in the language that the page speaks. */
export function useFormat(): Format {
  const { t, i18n } = useTranslation("common");
  return useMemo(
    () =>
      createFormat(i18n.language, {
        about: (time) => t("format.about", { time }),
        perSecond: t("format.perSecond"),
        justNow: t("format.justNow"),
      }),
    [t, i18n.language],
  );
}
