import type { Moving } from "../src/generated";
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

test("a range that is stolen is seen as a cut in the row, which closes again", async ({ page, openMock }) => {
  await openMock("scenario=busy&clock=manual");
  const row = rowOf(page, "ubuntu-26.10");
  await expect(row).toContainText("%");
  const seen = await row.locator("canvas").evaluate(async (canvas: HTMLCanvasElement) => {
    const transport = (globalThis as unknown as { gannetMock: MockTransport }).gannetMock;
    const { engine } = transport;
    const tell = (change: (moving: Moving) => void) => {
      const snapshot = structuredClone(engine.snapshot());
      const own = snapshot.moving.find(({ id }) => id === 1);
      if (own) change(own);
      transport.replay({ kind: "snapshot", sequence: 0, snapshot });
    };
    const frames = async (count: number) => {
      for (let frame = 0; frame < count; frame++) await new Promise(requestAnimationFrame);
    };
    engine.advance(250);
    await frames(3);
    const length = engine.downloads.get(1)?.row.length ?? 0;
    let cut = 0;
    const colour = () => {
      const x = Math.round((cut / length) * canvas.width);
      return [...(canvas.getContext("2d")?.getImageData(x, canvas.height / 2, 1, 1).data ?? [])].join();
    };
    const steal = ({ notches }: Moving) => {
      const victim = notches.toSorted((a, b) => b[2] - b[1] - (a[2] - a[1]))[0];
      if (!victim) return;
      cut = victim[1] + Math.floor((victim[2] - victim[1]) / 2);
      victim[2] = cut;
    };
    tell(steal);
    const before = colour();
    await frames(3);
    const open = colour();
    await new Promise((go) => setTimeout(go, 1000));
    await frames(3);
    return { before, open, after: colour() };
  });
  expect(seen.open).not.toBe(seen.before);
  expect(seen.after).toBe(seen.before);
});
