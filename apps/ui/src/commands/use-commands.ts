import { useCallback, useLayoutEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toast";
import { isFree, useDialogs } from "@/dialogs/store";
import { isPressed } from "@/lib/keys";
import { useTransport } from "@/transport/context";
import { useActions } from "./actions";
import { COMMANDS, type CommandContext, commandsOn } from "./table";
import { useOrders } from "./use-orders";

/** What commands are run with. */
export function useCommandContext(): CommandContext {
  const transport = useTransport();
  const order = useOrders();
  const actions = useActions();
  const { t } = useTranslation("commands");
  return useMemo(
    () => ({
      desktop: transport.desktop,
      order,
      actions,
      say: (words, count) => showToast({ subject: words, words: t(`said.${words}`, { count }) }),
      sayWhere: (words, place) => showToast({ subject: words, words: t(`said.${words}`, { place }) }),
      complain: (words) => showToast({ subject: "command", words: t(`said.${words}`), tone: "failure" }),
    }),
    [transport, order, actions, t],
  );
}

/** Runs a command by its id, as the palette does. */
export function useRun(): (id: string) => void {
  const context = useCommandContext();
  return useCallback((id) => void COMMANDS.find((command) => command.id === id)?.run?.(context), [context]);
}

/** Hears the page's keys. Once on the page; the list hears its own. */
export function useShortcuts(): void {
  const context = useCommandContext();
  // Before the picture: whoever sees the page can use its keys.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.isComposing) return;
      const command = commandsOn(context.desktop).find(
        ({ keys, heardBy }) => heardBy === "page" && keys && isPressed(keys, event),
      );
      if (!command?.run || !(command.can?.(context.desktop) ?? true)) return;
      // A letter is for the field that it is typed into; with Ctrl it is for the page.
      const plain = !command.keys?.includes("Mod");
      if (plain && useDialogs.getState().shown !== null) return;
      if ((plain || KNOWN_TO_FIELDS.has(command.keys ?? "")) && isTyping(event.target)) return;
      event.preventDefault();
      // Nothing takes away what somebody is filling in.
      if (isFree()) void command.run(context);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [context]);
}

/** Keys that mean something of their own where one types. */
const KNOWN_TO_FIELDS: ReadonlySet<string> = new Set(["Mod+Z"]);

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable='true'], [role='menu'], [role='listbox']") !==
      null
  );
}
