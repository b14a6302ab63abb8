import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toast";
import { useDialogs } from "@/dialogs/store";
import { isPressed } from "@/lib/keys";
import { useTransport } from "@/transport/context";
import { COMMANDS, type CommandContext } from "./table";

/** What commands are run with. */
export function useCommandContext(): CommandContext {
  const transport = useTransport();
  const { t } = useTranslation(["common", "remedies"]);
  return useMemo(
    () => ({
      order: async (command) => {
        const reply = await transport.execute(command);
        if (reply.kind !== "failed") return reply;
        showToast({ subject: "command", words: t(`common:failure.${reply.failure.code}`), tone: "failure" });
        return null;
      },
      say: (words, count, undo) =>
        showToast({
          subject: words,
          words: words === "copied" ? t("common:copied") : t("remedies:remove.removed", { count }),
          ...(undo ? { action: { label: t("common:undo"), run: undo } } : {}),
        }),
    }),
    [transport, t],
  );
}

/** Hears the page's keys. Once on the page; the list hears its own. */
export function useShortcuts(): void {
  const context = useCommandContext();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.isComposing) return;
      const command = COMMANDS.find(
        ({ keys, heardBy }) => heardBy === "page" && keys && isPressed(keys, event),
      );
      if (!command?.run || !(command.can?.() ?? true)) return;
      // A letter is for the field that it is typed into; with Ctrl it is for the page.
      const plain = !command.keys?.includes("Mod");
      if (plain && (isTyping(event.target) || useDialogs.getState().shown !== null)) return;
      event.preventDefault();
      void command.run(context);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [context]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable='true'], [role='menu'], [role='listbox']") !==
      null
  );
}
