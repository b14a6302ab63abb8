import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../src/generated";
import { expect, until } from "./app";
import { test as base } from "./person";
import { TrayMenu } from "./tray";

/** Slow enough to be watched: some 2 MB/s over all connections. */
const THROTTLED = ["--size", "160MB", "--rate-per-connection", "60kB"];

/** The menu of a window that downloads `voyage.iso`. */
const test = base.extend<{ menu: TrayMenu }>({
  menu: async ({ person, startOrigin }, use) => {
    const origin = await startOrigin(...THROTTLED);
    await person.start();
    person.gannet("add", `${origin.url}/voyage.iso`);
    await use(await TrayMenu.of(person.pid));
  },
});

/** What the menu says of what is at work. */
const state = (menu: TrayMenu) => async () => menu.lines()[0]?.label ?? "";

/** How fast that is by what the menu says. */
const rate_kB_per_s = (menu: TrayMenu) => async () => {
  const [, figure, unit] = (await state(menu)()).match(/^1 download, ([\d.]+) (.B)\/s$/) ?? [];
  return Number(figure ?? Number.NaN) * (unit === "MB" ? 1000 : 1);
};

test("the tray says how fast it goes, and pauses and resumes everything", async ({ menu, person }) => {
  const list = async () => person.gannet("list");
  await until(rate_kB_per_s(menu)).toBeGreaterThan(500);
  expect(menu.lines()[0]?.enabled).toBe(false);
  menu.choose("Pause all");
  await until(list).toMatch(/paused/i);
  await until(state(menu)).toBe("1 paused");
  menu.choose("Resume all");
  await until(list).not.toMatch(/paused/i);
  await until(rate_kB_per_s(menu)).toBeGreaterThan(500);
});

test("a limit that is chosen in the tray holds, and is marked", async ({ menu }) => {
  const marked = async () => menu.behind("Speed limit").filter((line) => line.marked);
  const labels = async () => (await marked()).map(({ label }) => label);
  await until(rate_kB_per_s(menu)).toBeGreaterThan(1000);
  expect(await labels()).toEqual(["No limit"]);
  menu.choose("500 kB/s");
  await until(labels).toEqual(["500 kB/s"]);
  await until(rate_kB_per_s(menu)).toBeLessThan(600);
  // Chosen once more, nothing changes.
  menu.choose("500 kB/s");
  // What is clicked on later is done later.
  menu.choose("Pause all");
  await until(state(menu)).toBe("1 paused");
  expect(await labels()).toEqual(["500 kB/s"]);
  menu.choose("Resume all");
  menu.choose("No limit");
  await until(labels).toEqual(["No limit"]);
  await until(rate_kB_per_s(menu)).toBeGreaterThan(1000);
});

test("the tray speaks the language that is chosen", async ({ menu, person }) => {
  const labels = async () => menu.lines().map(({ label }) => label);
  const after = ["Show Gannet", "Pause all", "Resume all", "Speed limit", "Finished lately", "Quit Gannet"];
  await until(labels).toEqual([expect.stringMatching(/^1 download, /), ...after]);
  await person.order({ action: "change_settings", settings: { appearance: { language: "tr" } } as Settings });
  await until(labels).toEqual([
    expect.stringMatching(/^1 indirme, /),
    "Gannet’i göster",
    "Tümünü duraklat",
    "Tümünü sürdür",
    "Hız sınırı",
    "Son bitenler",
    "Gannet’ten çık",
  ]);
  expect(menu.behind("Hız sınırı")[0]?.label).toBe("Sınır yok");
  expect(menu.behind("Son bitenler")[0]?.label).toBe("Henüz yok");
});

test("what finished lately is opened from the tray, and what is gone is said to be", async ({
  desk: _,
  app,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "4kB");
  const menu = await TrayMenu.of(app.pid());
  const lately = async () => menu.behind("Finished lately").map(({ label }) => label);
  const long = `voyage-${"x".repeat(100)}-part-2.pdf`;
  app.gannet("add", `${origin.url}/${long}`);
  await until(lately).toEqual([`voyage-${"x".repeat(17)}…xxxx-part-2.pdf`]);
  const [line] = await lately();
  menu.choose(line ?? "");
  const file = join(app.downloads, "Documents", long);
  await until(async () => app.opened()).toBe(file);

  rmSync(file);
  const page = () => app.page.run(() => document.body.textContent ?? "");
  expect(await page()).not.toContain("The file is not where it was put.");
  menu.choose(line ?? "");
  await until(page).toContain("The file is not where it was put.");
});

test("to quit in the tray ends the program, and what was at work is kept", async ({ menu, person }) => {
  menu.choose("Quit Gannet");
  await until(async () => person.ended()).toBe(0);
  await person.start();
  await until(async () => person.gannet("list")).toContain("voyage.iso");
});
