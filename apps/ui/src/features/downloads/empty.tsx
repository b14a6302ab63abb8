import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Mark } from "@/components/logo";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { openDialog } from "@/dialogs/store";
import { useEngine } from "@/stores/engine";
import { useUi } from "@/stores/ui";

/** What an empty list says: what to do, in one line. */
export function EmptyList() {
  const { t } = useTranslation("downloads");
  const search = useUi((state) => state.search.trim());
  const view = useUi((state) => state.view);
  const all = useEngine((state) => state.counts.all);
  const { searchFor } = useUi.getState();
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center p-6 text-center">
      <div className="pointer-events-auto flex max-w-96 flex-col items-center pb-16">
        {search !== "" ? (
          <>
            <p className="text-muted">{t("empty.search", { search })}</p>
            <Button className="mt-4" onClick={() => searchFor("")}>
              {t("empty.clearSearch")}
            </Button>
          </>
        ) : all === 0 || view.kind === "all" ? (
          <FirstStart />
        ) : (
          <p className="text-muted">{t(`empty.${view.kind}`)}</p>
        )}
      </div>
    </div>
  );
}

function FirstStart() {
  const { t } = useTranslation("downloads");
  return (
    <>
      <Mark className="mb-5 size-12 text-text" />
      <h2 className="flex items-center gap-2.5 text-large font-semibold">
        {t("empty.firstTitle")}
        <Kbd keys="Mod+V" className="max-sm:hidden" />
      </h2>
      <p className="mt-1.5 text-muted">{t("empty.firstText")}</p>
      <Button
        look="primary"
        className="mt-5"
        icon={<Plus />}
        onClick={() => openDialog({ kind: "add", text: "" })}
      >
        {t("empty.firstAdd")}
      </Button>
    </>
  );
}
