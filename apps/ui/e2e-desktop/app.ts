import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { fromEnvironment, Origin } from "../e2e/programs";
import type { Message, Settings } from "../src/generated";
import { KEY, Session } from "./webdriver";

const DESKTOP = fromEnvironment("GANNET_DESKTOP");
const GANNET = fromEnvironment("GANNET");

/** The real window, with folders of its own that survive its kills. */
export class App {
  private readonly folder = mkdtempSync(join(tmpdir(), "gannet-desktop-"));
  private readonly data = join(this.folder, "data");
  readonly downloads = join(this.folder, "downloads");
  private readonly config = join(this.folder, "config.toml");
  /** Where programs keep what the person chose. */
  readonly home = join(this.folder, "home");
  /** Found before the system's: what opens files notes down which. */
  private readonly programs = join(this.folder, "programs");
  private readonly noted = join(this.folder, "opened");
  private current: Session | undefined;

  /** `environment` is what it finds there beside the usual. */
  private constructor(private readonly environment: Record<string, string>) {}

  static async start(environment: Record<string, string> = {}): Promise<App> {
    const app = new App(environment);
    mkdirSync(app.downloads);
    mkdirSync(app.programs);
    const opener = `#!/bin/sh\nprintf %s "$1" > '${app.noted}'\n`;
    writeFileSync(join(app.programs, "xdg-open"), opener, { mode: 0o755 });
    app.configure("");
    await app.run();
    return app;
  }

  /** Starts it, with what it had before. Returns when the list is there. */
  async run(): Promise<void> {
    this.current = await Session.begin(DESKTOP, this.options(), {
      XDG_CONFIG_HOME: this.home,
      PATH: `${this.programs}:${process.env.PATH}`,
      ...this.environment,
    });
    await until(() => this.page.run(() => document.querySelector("main") !== null)).toBe(true);
  }

  /** What its config file says from the next start on. */
  configure(text: string): void {
    writeFileSync(this.config, text);
  }

  /** What the system was asked to open last. */
  opened(): string {
    return existsSync(this.noted) ? readFileSync(this.noted, "utf8") : "";
  }

  /** A folder beside those that it knows. */
  folderOutside(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    return folder;
  }

  get page(): Session {
    if (!this.current) throw new Error("the window is not there");
    return this.current;
  }

  /** Whether the program is there, with its window or without. */
  runs(): boolean {
    return existsSync(join(this.data, "runtime.json"));
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    process.kill(this.pid(), "SIGKILL");
    await this.current?.abandon();
    this.current = undefined;
  }

  /** The command line, talking to this window. */
  gannet(...words: string[]): string {
    return execFileSync(GANNET, [...words, "--data-dir", this.data], { encoding: "utf8" });
  }

  /** Starts the program once more, with links; returns when that start ends. */
  startAgain(...links: string[]): void {
    this.startAgainByClick("", ...links);
  }

  /** The same, as the answer to a click that bears a mark. */
  startAgainByClick(mark: string, ...links: string[]): void {
    const env = { ...process.env, DESKTOP_STARTUP_ID: mark };
    execFileSync(DESKTOP, [...links, ...this.options()], { timeout: 30_000, env });
  }

  async stop(): Promise<void> {
    if (this.current && this.runs()) await this.kill();
    await this.current?.abandon();
    await removed(this.folder);
  }

  /** Pastes a link anywhere on the page, and starts it. */
  async addByPaste(url: string): Promise<void> {
    await this.paste(url);
    await this.answer();
  }

  /** Pastes a link anywhere on the page, which asks about it. */
  async paste(url: string): Promise<void> {
    await this.page.run((text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
    }, url);
  }

  /** Drops files of text onto the list, as far as a page sees that. */
  async drop(name: string, text: string): Promise<void> {
    await this.page.run(
      (name, text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], name, { type: "text/plain" }));
        const target = document.querySelector("main") ?? document.body;
        for (const type of ["dragenter", "dragover", "drop"])
          target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      name,
      text,
    );
  }

  /** Copies the link of a download, as the page does. */
  async copyLink(name: string): Promise<void> {
    await this.page.run(async (name) => {
      const { invoke } = Reflect.get(globalThis, "__TAURI_INTERNALS__");
      const page = { offset: 0, count: 10, search: name, category: null };
      const { rows } = await invoke("execute", { command: { action: "list_finished", page } });
      const { urls } = await invoke("execute", { command: { action: "copy_links", ids: [rows[0].id] } });
      await invoke("write_clipboard", { text: urls[0] });
    }, name);
  }

  /** What the dialog of the page says. */
  dialog(): Promise<string> {
    return this.page.run(() => document.querySelector("[role=dialog]")?.textContent ?? "");
  }

  /** Waits until keys go to the dialog: it is drawn before it has the keyboard. */
  async dialogHasKeyboard(): Promise<void> {
    await until(() =>
      this.page.run(() => document.querySelector("[role=dialog]")?.contains(document.activeElement) ?? false),
    ).toBe(true);
  }

  /** Lets the server be asked about a link that came from outside. */
  async look(): Promise<void> {
    await until(() => this.dialog()).toContain("Look at it");
    await this.dialogHasKeyboard();
    await this.page.press(KEY.enter);
    await until(() => this.dialog()).toContain("Can resume");
  }

  /** Starts what the dialog asks about, once the server said what it is. */
  async answer(): Promise<void> {
    const dialog = () => this.dialog();
    await until(dialog).toContain("Can resume");
    await this.page.press(KEY.enter);
    await until(dialog).toBe("");
  }

  /** Sets something, as the page does; what is not named goes back to what it was at first. */
  async set(settings: Record<string, unknown>): Promise<void> {
    await this.page.run(async (settings) => {
      const { invoke } = Reflect.get(globalThis, "__TAURI_INTERNALS__");
      await invoke("execute", { command: { action: "change_settings", settings } });
    }, settings);
  }

  /** Asks the shell for something that a page may ask for, and does not wait for what comes of it. */
  async call(command: string, words: Record<string, unknown> = {}): Promise<void> {
    await this.page.run(
      (command, words) => {
        const { invoke } = Reflect.get(globalThis, "__TAURI_INTERNALS__");
        void invoke(command, words);
      },
      command,
      words,
    );
  }

  /** What is set, as a page is told that comes anew. The one that was there is told nothing from then on. */
  settings(): Promise<Settings> {
    return this.page.run(
      () =>
        new Promise<Settings>((resolve) => {
          const { invoke, transformCallback } = Reflect.get(globalThis, "__TAURI_INTERNALS__");
          const told = ({ message }: { message?: Message }) => {
            if (message?.kind === "state") resolve(message.state.settings);
          };
          void invoke("subscribe", { channel: `__CHANNEL__:${transformCallback(told)}` });
        }),
    );
  }

  /** What the webview wrote down of what the page keeps. */
  keptByPage(): string {
    const folder = join(this.data, "page");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const kept = files.filter((file) => /localstorage/.test(file) && statSync(join(folder, file)).isFile());
    // Its letters take two bytes each.
    return kept.map((file) => readFileSync(join(folder, file), "latin1").replaceAll("\0", "")).join();
  }

  /** What the row of a download says. */
  row(name: string): Promise<string> {
    return this.page.run((name) => {
      const rows = [...document.querySelectorAll("[role=row]")];
      return rows.find((row) => row.textContent?.includes(name))?.textContent ?? "";
    }, name);
  }

  /** Chooses a row by a click on its name. */
  async choose(name: string): Promise<void> {
    const { x, y } = await this.page.run((name) => {
      const rows = [...document.querySelectorAll("[role=row]")];
      const row = rows.find((row) => row.textContent?.includes(name));
      const { left, top, height } = row?.getBoundingClientRect() ?? new DOMRect();
      return { x: left + 100, y: top + height / 2 };
    }, name);
    await this.page.click(x, y);
  }

  /** The share in per cent that a row shows. */
  async share(name: string): Promise<number> {
    return Number((await this.row(name)).match(/(\d+)\s?%/)?.[1] ?? Number.NaN);
  }

  /** Clicks on the first button that says this. */
  async press(words: string): Promise<void> {
    const place = () =>
      this.page.run((words) => {
        const buttons = [...document.querySelectorAll("button, [role=menuitem], [role=switch]")];
        const button = buttons.find(
          (one) => one.textContent?.trim() === words || one.getAttribute("aria-label") === words,
        );
        const { left, top, width, height } = button?.getBoundingClientRect() ?? new DOMRect();
        return { x: left + width / 2, y: top + height / 2 };
      }, words);
    await until(async () => (await place()).x, {}).toBeGreaterThan(0);
    const { x, y } = await place();
    await this.page.click(x, y);
  }

  /** Nothing of the person who runs the tests is touched. */
  private options(): string[] {
    return ["--data-dir", this.data, "--download-dir", this.downloads, "--config", this.config];
  }

  /** The number of its process. */
  pid(): number {
    return JSON.parse(readFileSync(join(this.data, "runtime.json"), "utf8")).pid;
  }
}

/** Asks again and again until the answer is as expected: `await until(row).toContain("Paused")`. */
export function until<T>(ask: () => Promise<T>, options: { timeout?: number; intervals?: number[] } = {}) {
  // What is waited for may pass by.
  return expect.poll(ask, { intervals: [100], ...options });
}

/**
 * Removes a folder that programs which were killed may still write to: a webview's processes notice that a moment later. Each
 * try lists it anew; Node's own retries remove only what the first one saw.
 */
export async function removed(folder: string): Promise<void> {
  await until(async () => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Something came in meanwhile.
    }
    return existsSync(folder);
  }).toBe(false);
}

interface Fixtures {
  /** A window of the test's own. */
  app: App;
  /** Starts origins that stop with the test. */
  startOrigin: (...options: string[]) => Promise<Origin>;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  startOrigin: async ({}, use) => {
    const origins: Origin[] = [];
    await use(async (...options) => {
      const origin = await Origin.start(...options);
      origins.push(origin);
      return origin;
    });
    for (const origin of origins) origin.stop();
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  app: async ({}, use) => {
    const app = await App.start();
    await use(app);
    await app.stop();
  },
});

export { expect };
