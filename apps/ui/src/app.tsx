import i18next from "i18next";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Boundary } from "@/components/boundary";
import { Broken } from "@/components/broken";
import { PartBoundary } from "@/components/part-boundary";
import { Sheet } from "@/components/ui/sheet";
import { showToast, ToastProvider } from "@/components/ui/toast";
import { TooltipProvider } from "@/components/ui/tooltip";
import { Dialogs, preloadDialogs } from "@/dialogs/dialogs";
import { PageInput } from "@/features/add/page-input";
import { DetailPanel } from "@/features/detail";
import { BottomBar, ConnectionStrip, DownloadGrid, Sidebar, Toolbar, useNotices } from "@/features/downloads";
import { setLanguage } from "@/i18n";
import { firstPictureDrawn } from "@/lib/first-picture";
import { useSidebarWidth } from "@/lib/use-media";
import { whenIdle } from "@/lib/when-idle";
import { useEngine } from "@/stores/engine";
import { useUi } from "@/stores/ui";
import { applyAppearance, followSystemTheme } from "@/theme/theme";
import { TransportProvider } from "@/transport/context";
import type { Transport } from "@/transport/types";

/** The whole page, over one way to the programs behind it, which feeds the store already. */
export function App({ transport }: { transport: Transport }) {
  useAppearance();
  usePreloaded(transport);
  useEffect(firstPictureDrawn, []);
  return (
    <TransportProvider transport={transport}>
      <TooltipProvider>
        <ToastProvider>
          <Boundary instead={<Broken />}>
            <Shell />
            <PageInput />
            <Dialogs />
          </Boundary>
        </ToastProvider>
      </TooltipProvider>
    </TransportProvider>
  );
}

function Shell() {
  const { t } = useTranslation("downloads");
  const sidebar_px = useSidebarWidth();
  const drawerOpen = useUi((state) => state.drawerOpen);
  const detailOpen = useUi((state) => state.detailOpen);
  const { closeDrawer, closeDetail } = useUi.getState();
  useNotices();
  return (
    <div className="flex h-dvh flex-col overflow-hidden">
      <Toolbar />
      <ConnectionStrip />
      <div className="flex min-h-0 flex-1">
        {sidebar_px > 0 && (
          <div
            style={{ width: sidebar_px }}
            className="flex shrink-0 flex-col border-r border-hairline bg-panel"
          >
            <Sidebar />
          </div>
        )}
        <main className="flex min-w-0 flex-1 flex-col">
          <DownloadGrid />
          {detailOpen && (
            <PartBoundary onFailure={closeDetail}>
              <DetailPanel />
            </PartBoundary>
          )}
        </main>
      </div>
      <BottomBar />
      {sidebar_px === 0 && (
        <Sheet open={drawerOpen} onClose={closeDrawer} title={t("app")} side="left">
          <Sidebar />
        </Sheet>
      )}
    </div>
  );
}

/**
 * Once the page is drawn and rests, the parts that are loaded later are loaded: the server may be gone when they are needed. A
 * window holds them in itself, and would only need more memory.
 */
function usePreloaded(transport: Transport): void {
  useEffect(
    () =>
      transport.desktop
        ? undefined
        : whenIdle(() => {
            preloadDialogs();
            DetailPanel.preload();
          }),
    [transport],
  );
}

/** Follows what the settings say of theme, accent, density and language. */
function useAppearance(): void {
  const appearance = useEngine((state) => state.settings?.appearance);
  const language = appearance?.language;
  const reached = useEngine((state) => state.connection === "open");
  useEffect(() => followSystemTheme(), []);
  useEffect(() => {
    if (appearance) applyAppearance(appearance);
  }, [appearance]);
  useEffect(() => {
    if (language === undefined || !reached) return;
    // Until its texts come the page goes on in the language that it has.
    setLanguage(language).catch(() =>
      showToast({ subject: "language", words: i18next.t("commands:said.languageMissing"), tone: "failure" }),
    );
  }, [language, reached]);
}
