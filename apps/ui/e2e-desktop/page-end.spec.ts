import { existsSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../e2e/programs";
import { expect, until } from "./app";
import { Desk, LETTERS_COLOURS_LEAST } from "./desk";
import { test as base, type Person, TITLE } from "./person";
import { xdotool } from "./screen";

/** The webview's process, in which the page lives, by the part of its name that the system keeps. No driver survives its end. */
const PAGE = "WebKitWebProces";

/** Without a tray, so that a window that is closed is asked about or ends everything. */
const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  desk: async ({}, use) => {
    const desk = await Desk.layWithoutTray();
    await use(desk);
    await desk.clear();
  },
});

const pages = (person: Person) => person.processes().filter(({ name }) => name === PAGE);
const windows = () => xdotool("search", "--onlyvisible", "--name", `^${TITLE}$`).split("\n").filter(Boolean);

/** Ends the page's process, as the system does that wants memory. */
function killPage(person: Person): number {
  const pid = pages(person)[0]?.pid;
  if (pid === undefined) throw new Error("there is no page");
  process.kill(pid, "SIGKILL");
  return pid;
}

/** Returns when the list is seen in the window, and moves as bytes land. */
async function seesListMove({ desk }: Person): Promise<void> {
  await until(async () => desk.looks(TITLE).colours).toBeGreaterThan(LETTERS_COLOURS_LEAST);
  const before = desk.looks(TITLE);
  await until(async () => desk.looks(TITLE).digest).not.toBe(before.digest);
}

test("a page whose process ends comes again, and the download goes on", async ({ person, startOrigin }) => {
  const origin = await startOrigin("--size", "32MB", "--rate-per-connection", "60kB", "--print-sha256");
  await person.start();
  person.gannet("add", `${origin.url}/voyage.iso`);
  await seesListMove(person);

  const first = killPage(person);
  await until(async () => pages(person).map(({ pid }) => pid)).toEqual([expect.any(Number)]);
  await until(async () => pages(person)[0]?.pid).not.toBe(first);
  await seesListMove(person);

  const file = join(person.downloads, "Disk images", "voyage.iso");
  await until(async () => existsSync(file), { timeout: 60_000 }).toBe(true);
  expect(await sha256(file)).toBe(origin.sha256);
});

test("a page that ends again at once is not loaded for ever, and the person is told", async ({
  person,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "32MB", "--rate-per-connection", "60kB");
  await person.start();
  person.gannet("add", `${origin.url}/voyage.iso`);
  await seesListMove(person);
  const first = killPage(person);
  await until(async () => pages(person)[0]?.pid ?? first).not.toBe(first);
  await seesListMove(person);
  expect(windows()).toHaveLength(1);
  killPage(person);
  await until(async () => windows()).toHaveLength(2);
  expect(pages(person)).toHaveLength(0);
  expect(person.gannet("list")).toContain("voyage.iso");

  // The dialog, and then the window: with no page to ask, it goes at once.
  person.desk.press("Escape");
  await until(async () => windows()).toHaveLength(1);
  person.desk.press("alt+F4");
  await until(async () => person.ended()).toBe(0);
});
