import "@/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app";
import { firstList } from "@/features/downloads";
import { startI18n } from "@/i18n";
import { feed } from "@/stores/engine";
import type { Transport } from "@/transport/types";

/** Draws the page, once its words are there, and its list, where that comes soon. */
export async function start(transport: Transport): Promise<void> {
  feed(transport);
  await Promise.all([startI18n(), firstList(transport)]);
  const root = document.getElementById("root");
  if (root)
    createRoot(root).render(
      <StrictMode>
        <App transport={transport} />
      </StrictMode>,
    );
}
