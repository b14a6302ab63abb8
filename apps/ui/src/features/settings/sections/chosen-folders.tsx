import { FolderSearch, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrders } from "@/commands/use-orders";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { showToast } from "@/components/ui/toast";
import { useEngine } from "@/stores/engine";
import { useDesktop } from "@/transport/context";
import { Setting } from "../setting";

/** Folders that were chosen in the system's dialog, and can be taken back. Only a window has that dialog. */
export function ChosenFolders() {
  const { t } = useTranslation(["settings", "common"]);
  const desktop = useDesktop();
  const roots = useEngine((known) => known.roots);
  const order = useOrders();
  if (!desktop) return null;
  const choose = async () => {
    const choice = await desktop.chooseFolder(null);
    if (choice.kind === "refused")
      showToast({ subject: "settings", tone: "failure", words: t(`common:failure.${choice.code}`) });
  };
  return (
    <Setting item="chosenFolders" layout="beneath">
      {({ id }) => (
        <>
          <ul id={id} className="border-t border-hairline empty:hidden">
            {roots
              .filter((root) => root.chosen)
              .map(({ path }) => (
                <li key={path} className="flex h-9 items-center gap-2 border-b border-hairline max-sm:h-11">
                  <bdi title={path} className="min-w-0 flex-1 truncate">
                    {path}
                  </bdi>
                  <IconButton
                    label={t("settings:chosenFolder.remove", { folder: path })}
                    onClick={() => void order({ action: "dismiss_folder", folder: path })}
                  >
                    <Trash2 />
                  </IconButton>
                </li>
              ))}
          </ul>
          <Button icon={<FolderSearch />} onClick={() => void choose()} className="mt-3">
            {t("settings:chosenFolder.add")}
          </Button>
        </>
      )}
    </Setting>
  );
}
