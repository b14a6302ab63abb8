import { queryFinished, useEngine } from "@/stores/engine";
import { useUi } from "@/stores/ui";
import type { Transport } from "@/transport/types";
import { showsFinished } from "./listing";

/** A list that takes longer is not waited for: the page is drawn, and the list comes into it. */
export const WAITED_FOR_MS = 400;

/**
 * Resolves once there is a list for the first picture to show: a page that is drawn empty, then with its figures, then with
 * its rows takes three times as long to draw.
 */
export async function firstList(transport: Transport): Promise<void> {
  const list = stateComes().then(() => {
    const { view } = useUi.getState();
    if (!showsFinished(view)) return;
    return queryFinished(transport, { search: "", category: view.kind === "category" ? view.id : null });
  });
  await Promise.race([list, new Promise((resolve) => setTimeout(resolve, WAITED_FOR_MS))]);
}

function stateComes(): Promise<void> {
  if (useEngine.getState().ready) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = useEngine.subscribe(({ ready }) => {
      if (!ready) return;
      stop();
      resolve();
    });
  });
}
