import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { closeAllDialogs } from "@/dialogs/store";
import { useEngine } from "@/stores/engine";
import { useDesktop } from "@/transport/context";
import { FormDialog } from "./form-dialog";

/** Asks before everything stops. Where the window was closed without a tray, it may go on without one. */
export function QuitDialog({ closing, onClose }: { closing: boolean; onClose(): void }) {
  const { t } = useTranslation("remedies");
  const desktop = useDesktop();
  const goOn = () => {
    onClose();
    void desktop?.goOnWithoutWindow();
  };
  // The program may be gone before it has answered; that it goes is said to everybody first.
  const quit = useEngine((known) => known.quit);
  useEffect(() => {
    if (quit) closeAllDialogs();
  }, [quit]);
  return (
    <FormDialog
      title={t("quit.title")}
      description={t(closing ? "quit.whyClosing" : "quit.why")}
      go={t("quit.go")}
      look="danger"
      ready
      commands={() => [{ action: "quit" }]}
      onDone={() => useEngine.setState({ quit: true })}
      onClose={onClose}
      aside={closing && <Button onClick={goOn}>{t("quit.goOn")}</Button>}
    />
  );
}
