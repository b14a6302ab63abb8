import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, test as base, expect, removed, until } from "./app";
import { comeToWindow, runCommand, xdotool } from "./screen";

const OPEN_WITH = "Open the file with another program";
/** What GTK calls its choice of programs. */
const CHOICE = "Select Application";

/** A program for documents that notes down what it was given. */
interface Reader {
  environment: Record<string, string>;
  /** What it was given, one a line. */
  given(): string;
}

const test = base.extend<{ reader: Reader }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  reader: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "gannet-reader-"));
    const [program, noted] = [join(folder, "reader"), join(folder, "noted")];
    writeFileSync(program, `#!/bin/sh\necho "$1" >> '${noted}'\n`, { mode: 0o755 });
    const entries = join(folder, "applications");
    mkdirSync(entries);
    const entry = ["Type=Application", "Name=Reader", `Exec=${program} %f`, "MimeType=application/pdf;"];
    writeFileSync(join(entries, "reader.desktop"), ["[Desktop Entry]", ...entry, ""].join("\n"));
    // It goes before those of the system.
    const added = "[Added Associations]\napplication/pdf=reader.desktop;\n";
    writeFileSync(join(entries, "mimeapps.list"), added);
    await use({
      // Those of whoever runs the tests are not found.
      environment: { XDG_DATA_HOME: folder },
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

test("a file is opened by the program that is chosen in the system's dialog", async ({
  app,
  reader,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "4kB");
  await app.addByPaste(`${origin.url}/letter.pdf`);
  await until(() => app.row("letter.pdf")).toContain("Finished");
  await app.choose("letter.pdf");
  await runCommand(app, OPEN_WITH);
  await comeToWindow(CHOICE);
  expect(reader.given()).toBe("");
  // Left, it does nothing.
  xdotool("key", "Escape");
  await until(async () => xdotool("search", "--onlyvisible", "--name", `^${CHOICE}$`)).toBe("");
  expect(reader.given()).toBe("");

  await runCommand(app, OPEN_WITH);
  await comeToWindow(CHOICE);
  // The first one for such files is chosen already.
  xdotool("key", "Return");
  await until(async () => reader.given()).toBe(`${join(app.downloads, "Documents", "letter.pdf")}\n`);
});
