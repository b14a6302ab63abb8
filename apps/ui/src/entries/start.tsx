import "@/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app";
import { startI18n } from "@/i18n";
import type { Transport } from "@/transport/types";

/** Draws the page, once its words are there. */
export async function start(transport: Transport): Promise<void> {
  await startI18n();
  const root = document.getElementById("root");
  if (root)
    createRoot(root).render(
      <StrictMode>
        <App transport={transport} />
      </StrictMode>,
    );
}
