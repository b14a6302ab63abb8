import {
  FolderTree,
  Gauge,
  Info,
  ListOrdered,
  Monitor,
  Palette,
  Search,
  ShieldCheck,
  SlidersHorizontal,
} from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import type { SettingsSection } from "@/dialogs/store";
import { cx } from "@/lib/cx";
import { useDesktop } from "@/transport/context";
import type { Desktop } from "@/transport/types";
import { fits, type ItemId, itemsOn, sectionsOn } from "./items";
import { About } from "./sections/about";
import { AppearanceSection } from "./sections/appearance";
import { DesktopSection } from "./sections/desktop";
import { Folders } from "./sections/folders";
import { General } from "./sections/general";
import { IntegritySection } from "./sections/integrity";
import { NetworkSection } from "./sections/network";
import { Queues } from "./sections/queues";
import { ShownItems } from "./setting";
import { SavedProvider, useSettingsStore } from "./use-saved";

const SCREENS: Record<SettingsSection, { icon: ReactNode; Screen: () => ReactNode }> = {
  general: { icon: <SlidersHorizontal />, Screen: General },
  folders: { icon: <FolderTree />, Screen: Folders },
  network: { icon: <Gauge />, Screen: NetworkSection },
  queues: { icon: <ListOrdered />, Screen: Queues },
  integrity: { icon: <ShieldCheck />, Screen: IntegritySection },
  desktop: { icon: <Monitor />, Screen: DesktopSection },
  appearance: { icon: <Palette />, Screen: AppearanceSection },
  about: { icon: <Info />, Screen: About },
};

/** Sections whose only setting has the same name: it need not be read twice. */
const SAYS_IT_ITSELF: ReadonlySet<SettingsSection> = new Set(["queues"]);

/** Everything a person may set. It is saved as it is changed. */
export function SettingsDialog({ section, onClose }: { section: SettingsSection; onClose(): void }) {
  const { t } = useTranslation("settings");
  const [shown, setShown] = useState(section);
  const [search, setSearch] = useState("");
  const saved = useSettingsStore();
  const desktop = useDesktop();
  const all = sectionsOn(desktop);
  const found = useMemo(() => findItems(desktop, search.trim(), t), [desktop, search, t]);
  const sections = found
    ? all.filter((one) => itemsOn(one, desktop).some((item) => found.has(item)))
    : [shown];

  return (
    <Dialog open onClose={onClose} title={t("title")} size="large" className="max-sm:h-[92dvh]">
      <div className="mt-3 flex min-h-0 flex-1 border-t border-hairline max-sm:flex-col">
        <nav
          aria-label={t("sections")}
          className="flex shrink-0 flex-col gap-2 border-hairline p-3 max-sm:border-b sm:w-52 sm:border-r sm:bg-panel"
        >
          <Input
            icon={<Search />}
            aria-label={t("search")}
            placeholder={t("search")}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          <ul className="flex gap-0.5 max-sm:-mx-3 max-sm:overflow-x-auto max-sm:px-3 sm:flex-col">
            {all.map((one) => (
              <li key={one}>
                <button
                  type="button"
                  aria-current={!found && one === shown ? "page" : undefined}
                  onClick={() => {
                    setSearch("");
                    setShown(one);
                  }}
                  className={cx(
                    "flex h-8 w-full items-center gap-2.5 rounded-small px-2.5 text-left whitespace-nowrap transition-colors duration-120 max-sm:h-11 [&_svg]:size-4 [&_svg]:shrink-0",
                    !found && one === shown
                      ? "bg-selected font-medium [&_svg]:text-accent-text"
                      : "text-muted hover:bg-hover hover:text-text",
                  )}
                >
                  {SCREENS[one].icon}
                  {t(`section.${one}`)}
                </button>
              </li>
            ))}
          </ul>
        </nav>
        <SavedProvider value={saved}>
          <ShownItems value={found}>
            <div
              key={found ? "search" : shown}
              className="min-h-0 min-w-0 flex-1 overflow-y-auto overscroll-contain px-6 py-4 max-sm:px-5"
            >
              {sections.length === 0 && (
                <p className="py-10 text-center text-faint">{t("nothing", { search })}</p>
              )}
              {sections.map((one) => {
                const { Screen } = SCREENS[one];
                return (
                  <section key={one} aria-labelledby={`settings-${one}`} className="mb-6 last:mb-0">
                    <h2
                      id={`settings-${one}`}
                      className={SAYS_IT_ITSELF.has(one) ? "sr-only" : "text-large font-semibold"}
                    >
                      {t(`section.${one}`)}
                    </h2>
                    <Screen />
                  </section>
                );
              })}
            </div>
          </ShownItems>
        </SavedProvider>
      </div>
    </Dialog>
  );
}

type Translate = ReturnType<typeof useTranslation<"settings">>["t"];

function findItems(desktop: Desktop | null, search: string, t: Translate): ReadonlySet<ItemId> | null {
  if (search === "") return null;
  const items = sectionsOn(desktop).flatMap((section) =>
    itemsOn(section, desktop).map((item) => ({ section, item })),
  );
  return new Set(
    items
      .filter(({ section, item }) =>
        fits(search, [t(`section.${section}`), t(`item.${item}.title`), t(`item.${item}.hint`)]),
      )
      .map(({ item }) => item),
  );
}
