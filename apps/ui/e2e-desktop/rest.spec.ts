import { existsSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../e2e/programs";
import type { Settings } from "../src/generated";
import { expect, until } from "./app";
import { TITLE, test } from "./person";

/** What the mark stands on; nothing else in the panel is of this colour once the window is gone. */
const TILE = "#1b2531";
const PANEL_HEIGHT = 60;
/** What the screen has where a window comes, before the window draws anything. */
const NOTHING_YET = "#000000";
/** What the page lies on. */
const SURFACE_DARK = "#0d151c";

test("closed to the tray it goes on with little memory, and comes back from there", async ({
  person,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "24MB", "--rate-per-connection", "40kB", "--print-sha256");
  await person.start();
  const before = person.place();
  person.gannet("add", `${origin.url}/voyage.iso`);
  await until(async () => person.gannet("list")).toContain("voyage.iso");

  await person.close();
  // The webview is gone at once, and a moment later what it leaves behind.
  const names = async () => person.processes().map(({ name }) => name);
  await until(names).toEqual(["gannet-desktop"]);
  const memory = async () => person.processes().reduce((sum, { memory_mb }) => sum + memory_mb, 0);
  await until(memory).toBeLessThan(110);

  const icon = async () => person.desk.find(TILE, PANEL_HEIGHT);
  await until(async () => (await icon()) !== undefined).toBe(true);
  const { x, y } = (await icon()) ?? { x: 0, y: 0 };
  person.desk.click(x, y);
  await until(async () => {
    if (person.place() !== undefined) return true;
    // Down from the line that says what is at work, which cannot be chosen, to the first that can.
    person.desk.press("Down");
    person.desk.press("Return");
    return false;
  }).toBe(true);
  await until(async () => person.place()).toEqual(before);

  const file = join(person.downloads, "Disk images", "voyage.iso");
  await until(async () => existsSync(file), { timeout: 60_000 }).toBe(true);
  expect(await sha256(file)).toBe(origin.sha256);
});

test("a window that is there for a while holds less than when it came", async ({ person }) => {
  await person.start();
  const program = async () =>
    person.processes().find(({ name }) => name === "gannet-desktop")?.memory_mb ?? Number.NaN;
  const came = await program();
  await until(program).toBeLessThan(came * 0.8);
});

test("a dark window is dark from its first moment", async ({ person }) => {
  await person.start();
  await person.order({ action: "change_settings", settings: { appearance: { theme: "dark" } } as Settings });
  await person.end("SIGTERM");
  await person.startHidden([]);
  const seen = await person.desk.coloursUntilPainted(TITLE);
  expect(new Set(seen.filter((colour) => colour !== NOTHING_YET))).toEqual(new Set([SURFACE_DARK]));
});

test("the window comes where it was, after an end and after a crash", async ({ person }) => {
  await person.start();
  const moved = { x: 83, y: 97, width: 801, height: 603 };
  person.desk.move(TITLE, moved);
  const size = () => person.place();
  await until(async () => size()?.width).toBe(moved.width);
  // The program hears of it a moment after the screen shows it.
  await until(async () => person.kept()).toContain("801");
  const first = person.place();
  expect((await person.end("SIGTERM")).code).toBe(0);
  await person.start();
  await until(async () => person.place()).toEqual(first);

  person.desk.move(TITLE, { ...moved, x: 211, width: 907 });
  await until(async () => person.kept()).toContain("907");
  const second = person.place();
  await person.end("SIGKILL");
  await person.start();
  await until(async () => person.place()).toEqual(second);
});

test("it ends within two seconds while it downloads, and goes on at the next start", async ({
  person,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "24MB", "--rate-per-connection", "60kB", "--print-sha256");
  await person.start();
  person.gannet("add", `${origin.url}/voyage.iso`);
  await until(async () => person.gannet("list")).toMatch(/voyage\.iso/);
  const { code, took_ms } = await person.end("SIGTERM");
  expect(code).toBe(0);
  expect(took_ms).toBeLessThan(2000);
  await person.start();
  const file = join(person.downloads, "Disk images", "voyage.iso");
  await until(async () => existsSync(file), { timeout: 60_000 }).toBe(true);
  expect(await sha256(file)).toBe(origin.sha256);
});
