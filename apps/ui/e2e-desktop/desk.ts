import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./app";

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** So often another program's windows may come and go while one is looked for. */
const DISTURBED_MAX = 20;

/** What a person has before her: a window manager and a panel with a tray, on the screen that the tests were given. */
export class Desk {
  private readonly home = mkdtempSync(join(tmpdir(), "gannet-desk-"));
  private readonly programs: ChildProcess[] = [];

  static async lay(): Promise<Desk> {
    const desk = new Desk();
    for (const program of ["openbox", "xfce4-panel"]) {
      const env = { ...process.env, HOME: desk.home, XDG_CONFIG_HOME: join(desk.home, "config") };
      desk.programs.push(spawn(program, { env, stdio: "ignore" }));
    }
    await until(async () => bus("NameHasOwner", "string:org.kde.StatusNotifierWatcher")).toContain(
      "boolean true",
    );
    return desk;
  }

  clear(): void {
    for (const program of this.programs) program.kill("SIGKILL");
    // The panel may still write for a moment.
    rmSync(this.home, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
  }

  /** The place of the window with this title, without its frame. */
  place(title: string): Rectangle | undefined {
    const lines = undisturbed(() => run("xwininfo", "-root", "-tree")).split("\n");
    const line = lines.find((line) => line.includes(`"${title}": (`));
    const [, width, height, x, y] = line?.match(/ (\d+)x(\d+)\+-?\d+\+-?\d+ {2}\+(-?\d+)\+(-?\d+)$/) ?? [];
    if (width === undefined) return undefined;
    return { x: Number(x), y: Number(y), width: Number(width), height: Number(height) };
  }

  /** Moves the window with this title and gives it another size, as a hand would. */
  move(title: string, { x, y, width, height }: Rectangle): void {
    const window = this.window(title);
    run("xdotool", "windowmove", "--sync", window, String(x), String(y));
    run("xdotool", "windowsize", "--sync", window, String(width), String(height));
  }

  press(keys: string): void {
    run("xdotool", "key", "--clearmodifiers", keys);
  }

  click(x: number, y: number): void {
    run("xdotool", "mousemove", String(x), String(y), "click", "1");
  }

  /** The middle of all pixels of this colour (`#f0bb4e`) in a strip at the top of the screen, where the panel is. */
  find(colour: string, height: number): { x: number; y: number } | undefined {
    const text = run("import", "-window", "root", "-crop", `x${height}+0+0`, "-depth", "8", "txt:-");
    const points = [...text.matchAll(/^(\d+),(\d+):.*?#([0-9A-Fa-f]{6})/gm)]
      .filter(([, , , found]) => `#${found?.toLowerCase()}` === colour)
      .map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
    if (points.length === 0) return undefined;
    const middle = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      x: Math.round(middle(points.map(({ x }) => x))),
      y: Math.round(middle(points.map(({ y }) => y))),
    };
  }

  /** A picture of the window with this title, without its frame. */
  picture(path: string, title: string): void {
    run("import", "-window", this.window(title), path);
  }

  private window(title: string): string {
    const search = () => run("xdotool", "search", "--onlyvisible", "--name", `^${title}$`).trim();
    const last = undisturbed(search).split("\n").at(-1);
    if (!last) throw new Error(`there is no window ${title}`);
    return last;
  }
}

/**
 * What a walk over all windows finds. It breaks off where one that it came to is gone by then, of whichever program: that
 * says nothing of the window looked for.
 */
function undisturbed(walk: () => string): string {
  for (let disturbed = 0; disturbed < DISTURBED_MAX; disturbed += 1) {
    try {
      return walk();
    } catch (error) {
      if (!/Bad ?(Window|Drawable)/.test(String(error))) throw error;
    }
  }
  return walk();
}

/** A program with all the processes that it started, by name, and the memory of each in MB (PSS). */
export function processes(root: number): { name: string; pid: number; memory_mb: number }[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    const stat = /^\d+$/.test(entry) ? read(`/proc/${entry}/stat`) : "";
    const parent = stat.slice(stat.lastIndexOf(")")).split(" ")[2];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const found = [root];
  for (const parent of found) for (const [child, of] of parents) if (of === parent) found.push(child);
  return found.map((pid) => ({
    pid,
    name: read(`/proc/${pid}/comm`).trim(),
    memory_mb: (Number(read(`/proc/${pid}/smaps_rollup`).match(/^Pss: +(\d+)/m)?.[1] ?? 0) * 1024) / 1e6,
  }));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended meanwhile.
    return "";
  }
}

function bus(method: string, ...words: string[]): string {
  const destination = "org.freedesktop.DBus";
  return run(
    "dbus-send",
    "--session",
    "--print-reply",
    `--dest=${destination}`,
    "/org/freedesktop/DBus",
    `${destination}.${method}`,
    ...words,
  );
}

function run(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: "utf8", maxBuffer: 1 << 28, timeout: 30_000 });
}
