import { createHash } from "node:crypto";
import { join } from "node:path";
import { sha256 } from "../e2e/programs";
import { type App, expect, test, until } from "./app";
import { KEY } from "./webdriver";

/** Slow enough to be watched and stopped; quick enough for a test. */
const THROTTLED = ["--size", "24MB", "--rate-per-connection", "60kB", "--print-sha256"];

test("a pasted link becomes a file, through a pause and two kills of the window", async ({
  app,
  startOrigin,
}) => {
  const origin = await startOrigin(...THROTTLED);
  await app.addByPaste(`${origin.url}/voyage.iso`);
  const row = () => app.row("voyage.iso");
  await until(row).toContain("32 connections");
  await theMapMoves(app);

  await app.choose("voyage.iso");
  await app.page.press(KEY.space);
  await until(row).toContain("Paused");
  const share = await app.share("voyage.iso");
  expect(share).toBeGreaterThan(0);

  await app.kill();
  await app.run();
  await until(row).toContain("Paused");
  expect(await app.share("voyage.iso")).toBe(share);

  await app.choose("voyage.iso");
  await app.page.press(KEY.space);
  await until(row).toContain("connections");
  await app.kill();
  await app.run();
  await until(row, { timeout: 60_000 }).toContain("Finished");
  expect(await sha256(join(app.downloads, "Disk images", "voyage.iso"))).toBe(origin.sha256);
});

test("what the command line adds appears in the window", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "40kB", "--print-sha256");
  app.gannet("add", `${origin.url}/note.pdf`);
  await until(() => app.row("note.pdf")).toContain("Finished");
  expect(await sha256(join(app.downloads, "Documents", "note.pdf"))).toBe(origin.sha256);
});

test("a second start hands its link over, and the window asks about it", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "40kB", "--print-sha256");
  app.startAgain(`gannet://add?url=${encodeURIComponent(`${origin.url}/letter.pdf`)}`);
  expect(await app.row("letter.pdf")).toBe("");
  await app.look();
  await app.answer();
  await until(() => app.row("letter.pdf")).toContain("Finished");
  expect(await sha256(join(app.downloads, "Documents", "letter.pdf"))).toBe(origin.sha256);
});

test("the window comes back with what was chosen, and where the list was scrolled to", async ({
  app,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "1kB");
  const links = Array.from({ length: 120 }, (_, number) => `${origin.url}/letter-${number}.pdf`);
  app.gannet("add", ...links);
  const finished = () =>
    app.page.run(async () => {
      const { invoke } = Reflect.get(globalThis, "__TAURI_INTERNALS__");
      const reply = await invoke("execute", {
        command: { action: "list_finished", page: { offset: 0, count: 1 } },
      });
      return reply.total as number;
    });
  await until(finished, { timeout: 60_000 }).toBe(links.length);
  const list = () =>
    app.page.run(() => ({
      top: document.querySelector("[data-list]")?.scrollTop ?? 0,
      chosen: document.querySelector("[role=row][aria-selected=true]")?.textContent ?? "",
    }));
  await until(async () => {
    await app.page.run(() => document.querySelector("[data-list]")?.scrollTo({ top: 1500 }));
    return (await list()).top;
  }).toBe(1500);
  // Somewhere in the middle of what is seen then, once the page knows all that finished.
  const seen = () =>
    app.page.run(async () => {
      const row = document.elementFromPoint(innerWidth / 3, innerHeight / 2)?.closest("[role=row]");
      const { invoke } = Reflect.get(globalThis, "__TAURI_INTERNALS__");
      const page = { offset: Number(row?.getAttribute("aria-rowindex")) - 2, count: 1 };
      const { rows } = await invoke("execute", { command: { action: "list_finished", page } });
      return row?.textContent?.includes(rows[0].name) ? (rows[0].name as string) : "";
    });
  await until(seen).not.toBe("");
  const name = await seen();
  await app.choose(name);
  await until(async () => (await list()).chosen).toContain(name);
  const before = await list();
  expect(before.top).toBe(1500);
  await until(async () => app.keptByPage()).toContain('"listTop_px":1500');

  await app.kill();
  await app.run();
  await until(list).toEqual(before);
});

/** The pictures of what is where are drawn anew as bytes land. */
async function theMapMoves(app: App): Promise<void> {
  const drawn = async () => {
    const pictures = await app.page.run(() =>
      [...document.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()).join(),
    );
    return createHash("sha256").update(pictures).digest("hex");
  };
  const before = await drawn();
  await until(drawn).not.toBe(before);
}
