import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../e2e/programs";
import { App, expect, test, until } from "./app";
import { comeToQuestion, comeToWindow, NotificationHost, type, xdotool } from "./screen";
import { KEY } from "./webdriver";

test("a name and a folder chosen in the system's dialog are where the file goes", async ({
  app,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "40kB", "--print-sha256");
  const chosen = app.folderOutside("chosen");
  await app.paste(`${origin.url}/letter.pdf`);
  await until(() => app.dialog()).toContain("Can resume");
  await app.press("Save as");
  await comeToWindow("Save as");
  type(join(chosen, "mine.pdf"), "Return");
  await until(() => app.dialog()).toContain("chosen");
  await app.page.press(KEY.enter);
  await until(() => app.row("mine.pdf")).toContain("Finished");
  expect(await sha256(join(chosen, "mine.pdf"))).toBe(origin.sha256);

  // Chosen once it is allowed, after a restart too.
  await app.kill();
  await app.run();
  const folders = await app.page.run(async (folder) => {
    const internals = Reflect.get(globalThis, "__TAURI_INTERNALS__");
    const reply = await internals.invoke("execute", { command: { action: "list_folders", folder } });
    return reply.kind as string;
  }, chosen);
  expect(folders).toBe("folders");
});

test("a file that the person agreed to have replaced is replaced", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "40kB", "--print-sha256");
  const chosen = app.folderOutside("chosen");
  writeFileSync(join(chosen, "letter.pdf"), "old");
  await app.paste(`${origin.url}/letter.pdf`);
  await until(() => app.dialog()).toContain("Can resume");
  await app.press("Save as");
  await comeToWindow("Save as");
  type(join(chosen, "letter.pdf"), "Return");
  await comeToQuestion();
  // The key of its Replace.
  xdotool("key", "alt+r");
  await until(() => app.dialog()).toContain("The file of this name will be replaced.");
  expect(readFileSync(join(chosen, "letter.pdf"), "utf8")).toBe("old");
  await app.page.press(KEY.enter);
  await until(() => app.row("letter.pdf")).toContain("Finished");
  expect(readdirSync(chosen)).toEqual(["letter.pdf"]);
  expect(await sha256(join(chosen, "letter.pdf"))).toBe(origin.sha256);
});

test("a dialog that is left changes nothing", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "40kB");
  await app.paste(`${origin.url}/letter.pdf`);
  await until(() => app.dialog()).toContain("Can resume");
  await app.press("Save as");
  await comeToWindow("Save as");
  xdotool("key", "Escape");
  await until(async () => xdotool("search", "--onlyvisible", "--name", "^Save as$")).toBe("");
  await app.press("Start");
  await until(() => app.row("letter.pdf")).toContain("Finished");
  expect(existsSync(join(app.downloads, "Documents", "letter.pdf"))).toBe(true);
});

test("it starts with the session where that is wanted", async ({ app }) => {
  const entry = join(app.home, "autostart", "gannet-desktop.desktop");
  expect(existsSync(entry)).toBe(false);
  await app.set({ desktop: { start_at_login: true } });
  await until(async () => existsSync(entry) && readFileSync(entry, "utf8")).toContain("--hidden");
  await app.set({ desktop: { start_at_login: false } });
  await until(async () => existsSync(entry)).toBe(false);
});

test("a session that cannot be changed is said, and the setting says what holds", async ({ app }) => {
  // In place of the folder.
  mkdirSync(app.home, { recursive: true });
  writeFileSync(join(app.home, "autostart"), "");
  await app.set({ desktop: { start_at_login: true } });
  await until(() => app.page.run(() => document.body.textContent ?? "")).toContain(
    "The system did not let Gannet change what starts with the session.",
  );
  expect(await app.settings()).toMatchObject({ desktop: { start_at_login: false } });
});

test("a link that is copied elsewhere is asked about, where that is wanted", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  const first = await App.start();
  await first.addByPaste(`${origin.url}/letter.pdf`);
  await until(() => first.row("letter.pdf")).toContain("Finished");
  await app.set({ desktop: { watch_clipboard: true } });
  lookElsewhere();
  await first.copyLink("letter.pdf");
  await until(() => app.page.run(() => document.querySelector("textarea")?.value ?? "")).toContain(
    `${origin.url}/letter.pdf`,
  );
  expect(await app.row("letter.pdf")).toBe("");
  await first.stop();
});

test.describe("notifications", () => {
  let host: NotificationHost;
  test.beforeEach(async () => {
    host = await NotificationHost.start();
  });
  test.afterEach(() => host.stop());

  test("say what finished, and many at once are told as one", async ({ app, startOrigin }) => {
    const origin = await startOrigin("--size", "40kB");
    lookElsewhere();
    app.gannet("add", `${origin.url}/letter.pdf`);
    await until(() => host.count()).toBe("1");
    expect(host.shown()[0]).toEqual({ title: "Download finished", text: "letter.pdf" });

    app.gannet("add", ...["a", "b", "c"].map((name) => `${origin.url}/${name}.pdf`));
    await until(() => host.count()).toBe("1");
    expect(host.shown()[0]).toEqual({ title: "All downloads are done", text: "3 downloads finished" });
  });

  test("say what failed, and why", async ({ app, startOrigin }) => {
    const origin = await startOrigin("--size", "40kB");
    lookElsewhere();
    app.gannet("add", "--checksum", `sha256:${"0".repeat(64)}`, `${origin.url}/letter.pdf`);
    await until(() => host.count()).toBe("1");
    expect(host.shown()[0]).toEqual({
      title: "Download failed",
      text: "letter.pdf: The checksum does not match",
    });
  });
});

/** Takes the keyboard from the window: to who looks at the list nothing is told. */
function lookElsewhere(): void {
  // While nothing has the keyboard, the window beneath the mouse does.
  xdotool("mousemove", "1279", "799");
  const root = xdotool("search", "--maxdepth", "0", "--name", ".*");
  xdotool("windowfocus", root);
}
