import type { CDPSession, Page } from "@playwright/test";

/** What the main thread worked, in processor time: what other programs take from it does not count. */
export interface Cost {
  /** Reading the message, rendering, drawing the maps, styles and layout. */
  page_ms: number;
  /** And painting, layers, garbage. */
  all_ms: number;
}

/** Has the browser count. */
export async function countingOf(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return session;
}

/** How long the main thread worked for something. */
export async function costOf(session: CDPSession, work: () => Promise<void>): Promise<Cost> {
  const worked = async (): Promise<Cost> => {
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (wanted: string) => (metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN) * 1000;
    return {
      page_ms: of("ScriptDuration") + of("RecalcStyleDuration") + of("LayoutDuration"),
      all_ms: of("TaskDuration"),
    };
  };
  const before = await worked();
  await work();
  const after = await worked();
  return { page_ms: after.page_ms - before.page_ms, all_ms: after.all_ms - before.all_ms };
}
