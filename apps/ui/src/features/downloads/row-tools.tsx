import type { TFunction } from "i18next";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Actions, useActions } from "@/commands/actions";
import { useFormat } from "@/i18n/use-format";
import type { Format } from "@/lib/format";

/** What every row needs. Hundreds of rows pass by while one scrolls: words and formats are looked up once for all. */
export interface RowTools {
  t: TFunction<"downloads">;
  format: Format;
  actions: Actions;
  language: string;
}

const Context = createContext<RowTools | null>(null);

export function RowToolsProvider({ children }: { children: ReactNode }) {
  const { t, i18n } = useTranslation("downloads");
  const format = useFormat();
  const actions = useActions();
  const { language } = i18n;
  const tools = useMemo(() => ({ t, format, actions, language }), [t, format, actions, language]);
  return <Context value={tools}>{children}</Context>;
}

export function useRowTools(): RowTools {
  const tools = useContext(Context);
  if (!tools) throw new Error("useRowTools needs a RowToolsProvider above it");
  return tools;
}
