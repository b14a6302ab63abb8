import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { useEngine } from "@/stores/engine";
import { FormDialog } from "./form-dialog";

/** Asks before everything stops. */
export function QuitDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation("remedies");
  // The program may be gone before it has answered; that it goes is said to everybody first.
  const quit = useEngine((known) => known.quit);
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (quit) close();
  }, [quit]);
  return (
    <FormDialog
      title={t("quit.title")}
      description={t("quit.why")}
      go={t("quit.go")}
      look="danger"
      ready
      commands={() => [{ action: "quit" }]}
      onDone={() => useEngine.setState({ quit: true })}
      onClose={onClose}
    />
  );
}
