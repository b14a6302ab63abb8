import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, until } from "./app";
import { comeToWindow, runCommand, xdotool } from "./screen";
import { KEY } from "./webdriver";

test("a file of links that is dropped onto the window is asked about", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  await app.drop("list.txt", `${origin.url}/one.pdf\n${origin.url}/two.pdf\n`);
  await until(() => app.dialog()).toContain("Start all");
  expect(await app.row("one.pdf")).toBe("");
  await app.press("Start all");
  await until(() => app.row("one.pdf")).toContain("Finished");
  await until(() => app.row("two.pdf")).toContain("Finished");
});

test("a second start hands the links in a file over", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  const list = join(app.folderOutside("lists"), "list.txt");
  writeFileSync(list, `${origin.url}/letter.pdf\n`);
  app.startAgain(list);
  await app.look();
  await app.answer();
  await until(() => app.row("letter.pdf")).toContain("Finished");
});

test("what was clicked elsewhere lets the window come to the front", async ({ app }) => {
  const mark = "desk-1-links_TIME4711";
  app.startAgainByClick(mark);
  const properties = () =>
    execFileSync("xprop", ["-name", "Gannet", "_NET_STARTUP_ID"], { encoding: "utf8" });
  await until(async () => properties()).toContain(mark);
});

test("links that come while another one is looked at are asked about after it", async ({
  app,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "4kB");
  const link = (name: string) => `gannet:add?url=${encodeURIComponent(`${origin.url}/${name}.pdf`)}`;
  app.startAgain(link("one"));
  await app.look();
  app.startAgain(link("two"));
  app.startAgain(link("three"));
  await until(() => app.page.run(() => document.body.textContent ?? "")).toContain("Another link came.");
  await app.page.press(KEY.enter);
  await until(() => app.dialog()).toContain("Start all");
  await app.press("Start all");
  for (const name of ["one", "two", "three"]) await until(() => app.row(`${name}.pdf`)).toContain("Finished");
});

test("what is typed about a link outlasts the page, and is written nowhere", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  app.startAgain(`gannet:add?url=${encodeURIComponent(`${origin.url}/one.pdf`)}`);
  await until(() => app.dialog()).toContain("Look at it");
  await app.dialogHasKeyboard();
  const field = () => app.page.run(() => document.querySelector("textarea")?.value ?? "");
  for (const key of [KEY.end, ..."?hunter2"]) await app.page.press(key);
  await until(field).toBe(`${origin.url}/one.pdf?hunter2`);
  await app.page.run(() => location.reload());
  await until(field).toBe(`${origin.url}/one.pdf?hunter2`);
  expect(app.keptByPage()).not.toContain("hunter2");
  // The link as it came waits no more.
  await app.look();
  await app.answer();
  await until(() => app.row("one.pdf")).toContain("Finished");
  expect(await app.dialog()).toBe("");
});

test("a copied link is added from the clipboard", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  await app.addByPaste(`${origin.url}/letter.pdf`);
  await until(() => app.row("letter.pdf")).toContain("Finished");
  await app.choose("letter.pdf");
  // A page may write to the clipboard where a person pressed a key, so a person's keyboard it is.
  await comeToWindow("Gannet");
  xdotool("key", "ctrl+c");
  await until(() => app.page.run(() => document.body.textContent ?? "")).toContain("Link copied");

  await runCommand(app, "Add from the clipboard");
  await until(() => app.page.run(() => document.querySelector("textarea")?.value ?? "")).toContain(
    origin.url,
  );
});

test("the config file says where files go", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  const archive = app.folderOutside("archive");
  await app.kill();
  app.configure(`roots = [${JSON.stringify(archive)}]\n`);
  await app.run();
  app.gannet("add", "--dir", archive, `${origin.url}/letter.pdf`);
  await until(() => app.row("letter.pdf")).toContain("Finished");
});
