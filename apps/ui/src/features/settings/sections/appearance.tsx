import { Check, Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { SegmentedControl } from "@/components/ui/segmented";
import { Select } from "@/components/ui/select";
import type { Accent, Appearance, Language } from "@/generated";
import { DEFAULT_SETTINGS } from "@/generated/defaults";
import { TONGUES, type Tongue } from "@/i18n";
import { themeShown } from "@/theme/theme";
import { back, Setting } from "../setting";
import { useSaved } from "../use-saved";

const ACCENTS: readonly Accent[] = ["gold", "sea", "kelp", "coral"];

/** How it looks. */
export function AppearanceSection() {
  const { t } = useTranslation("settings");
  const { settings, change } = useSaved();
  const { appearance } = settings;
  const resetOf = <Name extends keyof Appearance>(name: Name) =>
    back(appearance[name], DEFAULT_SETTINGS.appearance[name], (first) =>
      change("appearance", { [name]: first }),
    );
  const languages: { value: Language; label: string }[] = [
    { value: "system", label: t("language.system") },
    ...(Object.keys(TONGUES) as Tongue[]).map((value) => ({ value, label: TONGUES[value] })),
  ];
  return (
    <>
      <Setting item="theme" onReset={resetOf("theme")}>
        {() => (
          <SegmentedControl
            label={t("item.theme.title")}
            value={appearance.theme}
            onChange={(theme) => change("appearance", { theme })}
            choices={[
              { value: "system", label: t("theme.system"), icon: <Monitor /> },
              { value: "light", label: t("theme.light"), icon: <Sun /> },
              { value: "dark", label: t("theme.dark"), icon: <Moon /> },
            ]}
          />
        )}
      </Setting>
      <Setting item="accent" onReset={resetOf("accent")}>
        {() => (
          <div role="radiogroup" aria-label={t("item.accent.title")} className="flex gap-2">
            {ACCENTS.map((accent) => (
              // The swatch wears its own accent, whichever is chosen.
              <label
                key={accent}
                title={t(`accent.${accent}`)}
                data-theme={themeShown()}
                data-accent={accent}
                className="relative flex size-7 items-center justify-center rounded-full bg-accent text-on-accent transition-transform duration-120 hover:scale-108 max-sm:size-11"
              >
                <input
                  type="radio"
                  name="accent"
                  aria-label={t(`accent.${accent}`)}
                  checked={appearance.accent === accent}
                  onChange={() => change("appearance", { accent })}
                  className="peer absolute inset-0 appearance-none rounded-full"
                />
                <Check aria-hidden className="hidden size-4 stroke-3 peer-checked:block" />
              </label>
            ))}
          </div>
        )}
      </Setting>
      <Setting item="density" onReset={resetOf("density")}>
        {() => (
          <SegmentedControl
            label={t("item.density.title")}
            value={appearance.density}
            onChange={(density) => change("appearance", { density })}
            choices={(["comfortable", "compact"] as const).map((value) => ({
              value,
              label: t(`density.${value}`),
            }))}
          />
        )}
      </Setting>
      <Setting item="language" onReset={resetOf("language")}>
        {({ id }) => (
          <Select
            id={id}
            value={appearance.language}
            onChange={(language) => change("appearance", { language })}
            choices={languages}
            className="w-52"
          />
        )}
      </Setting>
    </>
  );
}
