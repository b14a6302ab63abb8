import type { Page } from "@playwright/test";
import type { Message } from "../src/generated";
import type { MockTransport } from "../src/transport/mock";
import { expect, test } from "./fixtures";
import { type Cost, costOf, countingOf } from "./thread";

/** The goal is 4 on a machine of its own; one that does other things at the same time takes twice as long for the same. */
const SNAPSHOT_AT_MOST_MS = 20;
const SNAPSHOTS = 60;
/** Fonts, compiled code and caches are there after so many. */
const WARM_UP = 20;
const ROWS_IN_SIGHT = 15;

test.use({
  viewport: { width: 1600, height: 1000 },
  // Between two snapshots notches move frame by frame; that is not what a snapshot costs.
  contextOptions: { reducedMotion: "reduce" },
  // Records of what happens cost more than what happens.
  trace: "off",
  screenshot: "off",
});

test("a snapshot with fifty active downloads costs the main thread little", async ({ page, openMock }) => {
  await openMock("scenario=many&clock=manual");
  await page.getByRole("button", { name: /^Active/ }).click();
  await expect(rowsIn(page).nth(ROWS_IN_SIGHT)).toBeVisible();
  await measure(page, "50 active downloads");
});

test("and little more where the details of one of them are open", async ({ page, openMock }) => {
  await openMock("scenario=many&clock=manual");
  await page.getByRole("button", { name: /^Active/ }).click();
  await rowsIn(page).nth(2).dblclick();
  await expect(page.getByRole("tab", { name: /Connections/ })).toBeVisible();
  await measure(page, "50 active downloads and the details of one");
});

const rowsIn = (page: Page) => page.getByRole("grid", { name: "Downloads" }).getByRole("row");

async function measure(page: Page, what: string): Promise<void> {
  const recorded = await record(page);
  expect(recorded).toHaveLength(WARM_UP + SNAPSHOTS);
  const last = JSON.parse(recorded.at(-1) ?? "") as Extract<Message, { kind: "snapshot" }>;
  expect(last.snapshot.moving.length).toBeGreaterThanOrEqual(50);

  const session = await countingOf(page);
  await replay(page, recorded.slice(0, WARM_UP));
  const idle = await costOf(session, () => replay(page, Array<null>(SNAPSHOTS).fill(null)));
  const busy = await costOf(session, () => replay(page, recorded.slice(WARM_UP)));
  const each = (kind: keyof Cost) => (busy[kind] - idle[kind]) / SNAPSHOTS;
  process.stdout.write(
    `${what}: a snapshot costs ${each("page_ms").toFixed(1)} ms of the main thread, with the browser's own work on the picture ${each("all_ms").toFixed(1)} ms\n`,
  );
  expect(each("page_ms")).toBeLessThan(SNAPSHOT_AT_MOST_MS);
}

/** What the simulated engine tells in the next seconds. */
function record(page: Page): Promise<string[]> {
  return page.evaluate((count) => {
    const { engine } = (globalThis as unknown as { gannetMock: MockTransport }).gannetMock;
    const texts: string[] = [];
    const stop = engine.subscribe((message) => {
      if (message.kind === "snapshot") texts.push(JSON.stringify(message));
    });
    engine.advance(2000);
    texts.length = 0;
    for (let taken = 0; taken < count; taken++) engine.advance(250);
    stop();
    return texts;
  }, WARM_UP + SNAPSHOTS);
}

/** Tells the page recorded messages as a socket does, each as text in a task of its own, and lets it draw them. */
function replay(page: Page, texts: readonly (string | null)[]): Promise<void> {
  return page.evaluate(async (messages) => {
    const transport = (globalThis as unknown as { gannetMock: MockTransport }).gannetMock;
    const task = () => new Promise((go) => setTimeout(go));
    for (const text of messages) {
      await task();
      if (text !== null) transport.replay(JSON.parse(text));
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    }
  }, texts);
}
