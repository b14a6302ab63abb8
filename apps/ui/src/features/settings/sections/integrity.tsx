import { useTranslation } from "react-i18next";
import { SegmentedControl } from "@/components/ui/segmented";
import { DEFAULT_SETTINGS } from "@/generated/defaults";
import { back, Setting } from "../setting";
import { useSaved } from "../use-saved";

/** What is trusted. */
export function IntegritySection() {
  const { t } = useTranslation("settings");
  const { settings, change } = useSaved();
  return (
    <Setting
      item="onChange"
      onReset={back(settings.integrity.on_change, DEFAULT_SETTINGS.integrity.on_change, (on_change) =>
        change("integrity", { on_change }),
      )}
    >
      {() => (
        <SegmentedControl
          label={t("item.onChange.title")}
          value={settings.integrity.on_change}
          onChange={(on_change) => change("integrity", { on_change })}
          choices={(["ask", "restart"] as const).map((value) => ({ value, label: t(`onChange.${value}`) }))}
        />
      )}
    </Setting>
  );
}
