import { Download, Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useRun } from "@/commands/use-commands";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { DEFAULT_SETTINGS } from "@/generated/defaults";
import { back, Setting } from "../setting";
import { SwitchSetting } from "../switch-setting";
import { useSaved } from "../use-saved";

const DEFAULT = DEFAULT_SETTINGS.general;

/** How the program behaves. */
export function General() {
  const { t } = useTranslation("settings");
  const { settings, change } = useSaved();
  const run = useRun();
  const { general } = settings;
  const { confirmations } = general;
  return (
    <>
      <SwitchSetting
        item="startWhenAdded"
        on={general.start_when_added}
        first={DEFAULT.start_when_added}
        onChange={(start_when_added) => change("general", { start_when_added })}
      />
      <Setting
        item="onExisting"
        onReset={back(general.on_existing, DEFAULT.on_existing, (on_existing) =>
          change("general", { on_existing }),
        )}
      >
        {({ id }) => (
          <Select
            id={id}
            value={general.on_existing}
            onChange={(on_existing) => change("general", { on_existing })}
            choices={(["rename", "overwrite", "fail"] as const).map((value) => ({
              value,
              label: t(`existing.${value}`),
            }))}
            className="w-52"
          />
        )}
      </Setting>
      <SwitchSetting
        item="askDuplicates"
        on={confirmations.duplicates}
        first={DEFAULT.confirmations.duplicates}
        onChange={(duplicates) => change("general", { confirmations: { ...confirmations, duplicates } })}
      />
      <SwitchSetting
        item="askDeletion"
        on={confirmations.deletion}
        first={DEFAULT.confirmations.deletion}
        onChange={(deletion) => change("general", { confirmations: { ...confirmations, deletion } })}
      />
      <Setting item="list">
        {() => (
          <span className="flex gap-2">
            <Button icon={<Download />} onClick={() => run("export")}>
              {t("list.export")}
            </Button>
            <Button icon={<Upload />} onClick={() => run("import")}>
              {t("list.import")}
            </Button>
          </span>
        )}
      </Setting>
    </>
  );
}
