import type { MockTransport } from "../src/transport/mock";
import { expect, test } from "./fixtures";
import { rowOf } from "./page";

/** So long the pieces of a file that is whole take to close and to cool, and a frame or two more. */
const CLOSED_AFTER_MS = 300;
const LATE_MS = 120;

test("a file that is whole closes into one line and cools, in the row that is there", async ({
  page,
  openMock,
}) => {
  await page.setViewportSize({ width: 1280, height: 1600 });
  await openMock("scenario=busy&clock=manual");
  const row = rowOf(page, "Tidewater (Remastered).flac");
  await expect(row).toContainText("Checking the file");
  const { before, seen } = await row.locator("canvas").evaluate(async (canvas: HTMLCanvasElement) => {
    const colour = () => {
      const data = canvas.getContext("2d")?.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
      return [...(data ?? [])].join();
    };
    const { engine } = (globalThis as unknown as { gannetMock: MockTransport }).gannetMock;
    const first = colour();
    const checked = [...engine.downloads.values()].find(({ row }) => row.standing.kind === "verifying");
    if (checked) engine.stand(checked, checked.row.standing, 1);
    engine.advance(250);
    const begun_ms = performance.now();
    const frames: { at_ms: number; colour: string }[] = [];
    while (performance.now() - begun_ms < 700) {
      await new Promise(requestAnimationFrame);
      frames.push({ at_ms: performance.now() - begun_ms, colour: colour() });
    }
    return { before: first, seen: frames };
  });
  await expect(row).toContainText("Finished, verified");
  const last = seen.at(-1)?.colour;
  expect(last).not.toBe(before);
  // It was seen on its way, and it came in time.
  expect(seen.some(({ colour }) => colour !== before && colour !== last)).toBe(true);
  const cooled_ms = seen.find(({ colour }) => colour === last)?.at_ms ?? Number.POSITIVE_INFINITY;
  expect(cooled_ms).toBeLessThan(CLOSED_AFTER_MS + LATE_MS);
});
