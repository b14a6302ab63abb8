import { createContext, useCallback, useContext } from "react";
import { useOrders } from "@/commands/use-orders";
import type { Settings } from "@/generated";
import { DEFAULT_SETTINGS } from "@/generated/defaults";
import { useEngine } from "@/stores/engine";
import { usePending } from "./use-pending";

/** How long a figure must rest before it is sent. */
const REST_MS = 300;

/** The settings as the person sees them, which is a moment ahead of what the engine has confirmed. */
export interface Saved {
  settings: Settings;
  /** Changes a part; shown at once, sent when typing rests, taken back if the engine refuses. */
  change<Part extends keyof Settings>(part: Part, to: Partial<Settings[Part]>): void;
}

/** Keeps what was changed until the engine has said it back. Once in the dialog. */
export function useSettingsStore(): Saved {
  const order = useOrders();
  const known = useEngine((state) => state.settings) ?? DEFAULT_SETTINGS;
  const send = useCallback(
    async (settings: Settings) => (await order({ action: "change_settings", settings })) !== null,
    [order],
  );
  const [settings, changeAll] = usePending(known, send, REST_MS);
  const change = useCallback(
    <Part extends keyof Settings>(part: Part, to: Partial<Settings[Part]>) =>
      changeAll((now) => ({ [part]: { ...now[part], ...to } })),
    [changeAll],
  );
  return { settings, change };
}

const Context = createContext<Saved | null>(null);
export const SavedProvider = Context;

/** The settings, within the dialog. */
export function useSaved(): Saved {
  const saved = useContext(Context);
  if (!saved) throw new Error("useSaved needs the settings dialog around it");
  return saved;
}
