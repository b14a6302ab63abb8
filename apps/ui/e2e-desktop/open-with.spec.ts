import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, test as base, expect, removed, until } from "./app";
import { comeToWindow, runCommand, xdotool } from "./screen";

const OPEN_WITH = "Open the file with another program";
/** What GTK calls its choice of programs. */
const CHOICE = "Select Application";
/** What the page says of a file that nobody takes. */
const NOT_TAKEN = "No program of this system takes it.";

/** A program for documents that notes down what it was given. */
interface Reader {
  environment: Record<string, string>;
  /** What it was given, one a line. */
  given(): string;
  /** Takes away where it is started: it is offered still. */
  breaks(): void;
}

const test = base.extend<{ reader: Reader }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  reader: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "gannet-reader-"));
    const [program, noted, place] = [join(folder, "reader"), join(folder, "noted"), join(folder, "place")];
    mkdirSync(place);
    writeFileSync(program, `#!/bin/sh\necho "$1" >> '${noted}'\n`, { mode: 0o755 });
    const entries = join(folder, "applications");
    mkdirSync(entries);
    const entry = [
      "Type=Application",
      "Name=Reader",
      `Exec=${program} %f`,
      `Path=${place}`,
      "MimeType=application/pdf;",
    ];
    writeFileSync(join(entries, "reader.desktop"), ["[Desktop Entry]", ...entry, ""].join("\n"));
    // It goes before those of the system.
    const added = "[Added Associations]\napplication/pdf=reader.desktop;\n";
    writeFileSync(join(entries, "mimeapps.list"), added);
    await use({
      // Those of whoever runs the tests are not found.
      environment: { XDG_DATA_HOME: folder },
      breaks: () => rmdirSync(place),
      given: () => (existsSync(noted) ? readFileSync(noted, "utf8") : ""),
    });
    await removed(folder);
  },
  app: async ({ reader }, use) => {
    const app = await App.start(reader.environment);
    await use(app);
    await app.stop();
  },
});

const choices = () => xdotool("search", "--onlyvisible", "--name", `^${CHOICE}$`).split("\n").filter(Boolean);

/** Brings a document, and asks what it is to be opened with. */
async function ask(app: App, url: string): Promise<void> {
  await app.addByPaste(`${url}/letter.pdf`);
  await until(() => app.row("letter.pdf")).toContain("Finished");
  await app.choose("letter.pdf");
  await runCommand(app, OPEN_WITH);
  await comeToWindow(CHOICE);
}

test("a file is opened by the program that is chosen in the system's dialog", async ({
  app,
  reader,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "4kB");
  await ask(app, origin.url);
  expect(reader.given()).toBe("");
  // Left, it does nothing.
  xdotool("key", "Escape");
  await until(async () => choices()).toEqual([]);
  expect(reader.given()).toBe("");

  await runCommand(app, OPEN_WITH);
  await comeToWindow(CHOICE);
  // The first one for such files is chosen already.
  xdotool("key", "Return");
  await until(async () => reader.given()).toBe(`${join(app.downloads, "Documents", "letter.pdf")}\n`);
});

test("a program that does not start is said", async ({ app, reader, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  await ask(app, origin.url);
  reader.breaks();
  xdotool("key", "Return");
  await until(() => app.page.run(() => document.body.textContent ?? "")).toContain(NOT_TAKEN);
});

test("the choice is the only dialog there is, and goes with the window", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  const slow = await startOrigin("--size", "24MB", "--rate-per-connection", "20kB");
  await ask(app, origin.url);
  // What the page asks for meanwhile is answered at once.
  const handed = await app.page.run(async () => {
    const { invoke } = Reflect.get(globalThis, "__TAURI_INTERNALS__");
    const page = { offset: 0, count: 1, search: null, category: null };
    const { rows } = await invoke("execute", { command: { action: "list_finished", page } });
    return invoke("hand_file", { id: rows[0].id, handing: "open_with" }) as Promise<string>;
  });
  expect(handed).toBe("done");
  expect(choices()).toHaveLength(1);
  // Something that it goes on for.
  app.gannet("add", `${slow.url}/voyage.iso`);
  await until(() => app.row("voyage.iso")).toContain("connections");
  await app.call("go_on_without_window").catch(() => undefined);
  await until(async () => choices()).toEqual([]);
  expect(app.runs()).toBe(true);
});
