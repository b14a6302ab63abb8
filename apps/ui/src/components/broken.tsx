import { useTranslation } from "react-i18next";
import { Button } from "./ui/button";

/** In place of a page that cannot be drawn. */
export function Broken() {
  const { t } = useTranslation("downloads");
  return (
    <main role="alert" className="flex h-dvh flex-col items-center justify-center gap-4 p-6 text-center">
      <p className="text-large font-semibold">{t("part.page")}</p>
      <Button look="primary" onClick={() => location.reload()}>
        {t("part.reload")}
      </Button>
    </main>
  );
}
