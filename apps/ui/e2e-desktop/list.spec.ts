import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type App, expect, test, until } from "./app";
import { comeToQuestion, comeToWindow, runCommand, type, xdotool } from "./screen";

const EXPORT = "Export the list";
const IMPORT_DONE = /1 download imported/;

const words = (app: App) => app.page.run(() => document.body.textContent ?? "");

test("the list goes into the file that is chosen in the system's dialog, and comes back from it", async ({
  app,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "4kB");
  const link = `${origin.url}/letter.pdf?signed=hunter2`;
  await app.addByPaste(link);
  await until(() => app.row("letter.pdf")).toContain("Finished");
  const file = join(app.folderOutside("chosen"), "mine.json");

  await runCommand(app, EXPORT);
  await comeToWindow("Save as");
  type(file, "Return");
  await until(() => words(app)).toContain(`The list is saved as ${file}.`);
  const text = readFileSync(file, "utf8");
  expect(JSON.parse(text)).toMatchObject({ gannet_list: 2, downloads: [{ url: link }] });

  // Into a window that has none of it.
  const id = await app.page.run(async () => {
    const { invoke } = Reflect.get(globalThis, "__TAURI_INTERNALS__");
    const page = { offset: 0, count: 1 };
    const { rows } = await invoke("execute", { command: { action: "list_finished", page } });
    await invoke("execute", { command: { action: "remove", ids: [rows[0].id], files: "keep" } });
    return rows[0].id as number;
  });
  await until(() => app.row("letter.pdf")).toBe("");
  expect(id).toBeGreaterThan(0);
  await app.drop("mine.json", text);
  await until(() => words(app)).toMatch(IMPORT_DONE);
  await until(() => app.row("letter.pdf")).toContain("Finished");
});

test("a list that was there is replaced once that was agreed to, and left as it is otherwise", async ({
  app,
}) => {
  const folder = app.folderOutside("chosen");
  const file = join(folder, "mine.json");
  writeFileSync(file, "old");
  await runCommand(app, EXPORT);
  await comeToWindow("Save as");
  type(file, "Return");
  await comeToQuestion();
  xdotool("key", "Escape");
  await comeToWindow("Save as");
  xdotool("key", "Escape");
  await until(async () => xdotool("search", "--onlyvisible", "--name", "^Save as$")).toBe("");
  expect(readFileSync(file, "utf8")).toBe("old");

  await runCommand(app, EXPORT);
  await comeToWindow("Save as");
  type(file, "Return");
  await comeToQuestion();
  // The key of its Replace.
  xdotool("key", "alt+r");
  await until(() => words(app)).toContain(`The list is saved as ${file}.`);
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ gannet_list: 2 });
  expect(readdirSync(folder)).toEqual(["mine.json"]);
});

test("a place that takes nothing is said, and what to do", async ({ app }) => {
  await runCommand(app, EXPORT);
  await comeToWindow("Save as");
  // Nobody makes files there, whoever runs the tests.
  type("/proc/mine.json", "Return");
  await until(() => words(app)).toContain(
    "The list is not saved: nothing can be written there. Choose another folder.",
  );
});

test("the page itself puts no file anywhere", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  const folder = app.folderOutside("given");
  // Where the webview puts what a page downloads.
  mkdirSync(app.home, { recursive: true });
  writeFileSync(join(app.home, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${folder}"\n`);
  await app.page.run(() => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["list"], { type: "application/json" }));
    link.download = "list.json";
    link.click();
  });
  // A whole download takes longer than that would.
  await app.addByPaste(`${origin.url}/letter.pdf`);
  await until(() => app.row("letter.pdf")).toContain("Finished");
  expect(existsSync(join(app.downloads, "Documents", "letter.pdf"))).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});
