import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, until } from "./app";

/** Waits until a window of the system with this title is seen, and gives it the keyboard. */
export function comeToWindow(title: string): Promise<void> {
  return comeTo(() => xdotool("search", "--onlyvisible", "--name", `^${title}$`).split("\n"));
}

/** The same with the window in which a dialog of the system asks whether one is sure: it has no title. */
export function comeToQuestion(): Promise<void> {
  return comeTo(() => {
    const windows = xdotool("search", "--onlyvisible", "--class", "gannet-desktop").split("\n");
    return windows.filter((window) => window !== "" && xdotool("getwindowname", window) === "");
  });
}

async function comeTo(find: () => string[]): Promise<void> {
  const first = () => find()[0] ?? "";
  await until(async () => first()).not.toBe("");
  // Nobody else does it: the screen has no window manager.
  xdotool("windowfocus", "--sync", first());
}

/** Types a text in place of what stands in the field that has the keyboard, and then presses a key. */
export function type(text: string, key: string): void {
  xdotool("key", "ctrl+a");
  xdotool("type", "--delay", "20", text);
  xdotool("key", key);
}

/** Runs a command of the page by its name, from the palette, with a person's keyboard. */
export async function runCommand(app: App, name: string): Promise<void> {
  await comeToWindow("Gannet");
  xdotool("key", "ctrl+k");
  await until(() => app.page.run(() => document.activeElement?.getAttribute("role") ?? "")).toBe("combobox");
  xdotool("type", "--delay", "20", name);
  const chosen = () =>
    app.page.run(() => document.querySelector("#palette-entries [aria-selected=true]")?.textContent ?? "");
  await until(chosen).toContain(name);
  xdotool("key", "Return");
}

/** Runs xdotool; what it does not find is nothing. */
export function xdotool(...words: string[]): string {
  try {
    return execFileSync("xdotool", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

const NOTIFICATIONS = "org.freedesktop.Notifications";

/** Which process has a name on the bus; to ask for it starts none. */
function ownerOf(name: string): number | undefined {
  const bus = "org.freedesktop.DBus";
  const question = ["/", `${bus}.GetConnectionUnixProcessID`, `string:${name}`];
  try {
    const answer = execFileSync("dbus-send", ["--print-reply=literal", `--dest=${bus}`, ...question], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number(answer.trim().split(" ").at(-1));
  } catch {
    return undefined;
  }
}

/** A real host of notifications, and what it was given to show. */
export class NotificationHost {
  private readonly folder = mkdtempSync(join(tmpdir(), "gannet-dunst-"));
  private readonly wanted = join(this.folder, "wanted");
  private readonly dunst: ChildProcess;

  constructor() {
    const settings = join(this.folder, "dunstrc");
    // It asks which button is meant by a menu of its own, for which this stands in.
    const menu = join(this.folder, "menu");
    writeFileSync(menu, `#!/bin/sh\ngrep --fixed-strings --file='${this.wanted}'\n`, { mode: 0o755 });
    // They stay until the test has read them.
    writeFileSync(settings, `[global]\n    timeout = 0\n    sticky_history = yes\n    dmenu = ${menu}\n`);
    this.dunst = spawn("dunst", ["-conf", settings], { stdio: "ignore" });
  }

  static async start(): Promise<NotificationHost> {
    // The bus starts one by itself for whoever tells something while there is none: it knows nothing of our menu.
    await until(async () => {
      const other = ownerOf(NOTIFICATIONS);
      if (other !== undefined) process.kill(other, "SIGKILL");
      return other;
    }).toBe(undefined);
    const host = new NotificationHost();
    // Asked before it is there, it would be started so too.
    await until(async () => ownerOf(NOTIFICATIONS)).toBe(host.dunst.pid);
    return host;
  }

  /** How many are on the screen. */
  count(): Promise<string> {
    return Promise.resolve(this.control("count", "displayed"));
  }

  /** Titles and texts of what was shown, the last one first; it is not on the screen any more then. */
  shown(): { title: string; text: string }[] {
    this.control("close-all");
    const history = JSON.parse(this.control("history")) as {
      data: { summary: { data: string }; body: { data: string } }[][];
    };
    return history.data.flat().map(({ summary, body }) => ({ title: summary.data, text: body.data }));
  }

  /** Answers it by the button with these words. */
  press(words: string): void {
    writeFileSync(this.wanted, `#${words} (`);
    this.control("context");
  }

  stop(): void {
    this.dunst.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private control(...words: string[]): string {
    try {
      return execFileSync("dunstctl", words, {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    } catch {
      return "";
    }
  }
}
