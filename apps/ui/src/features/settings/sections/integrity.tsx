import { useTranslation } from "react-i18next";
import { SegmentedControl } from "@/components/ui/segmented";
import { Setting } from "../setting";
import { useSaved } from "../use-saved";

/** What is trusted. */
export function IntegritySection() {
  const { t } = useTranslation("settings");
  const { settings, change } = useSaved();
  return (
    <Setting item="onChange">
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
