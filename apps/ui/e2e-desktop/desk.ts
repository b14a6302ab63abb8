import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removed, until } from "./app";

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A window without a page has one or two colours; letters have many, from their edges. */
export const LETTERS_COLOURS_LEAST = 50;

/** What a person has before her: a window manager and a panel with a tray, on the screen that the tests were given. */
export class Desk {
  private readonly home = mkdtempSync(join(tmpdir(), "gannet-desk-"));
  private readonly programs: ChildProcess[] = [];

  static async lay(): Promise<Desk> {
    const desk = await Desk.layWithoutTray();
    await desk.addTray();
    return desk;
  }

  /** A desktop without a place for trays, as some are. */
  static async layWithoutTray(): Promise<Desk> {
    const desk = new Desk();
    desk.start("openbox");
    await until(async () => run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")).toContain("window id");
    return desk;
  }

  async addTray(): Promise<void> {
    this.start("xfce4-panel");
    await until(async () => bus("NameHasOwner", "string:org.kde.StatusNotifierWatcher")).toContain(
      "boolean true",
    );
  }

  private start(program: string): void {
    const env = { ...process.env, HOME: this.home, XDG_CONFIG_HOME: join(this.home, "config") };
    this.programs.push(spawn(program, { env, stdio: "ignore" }));
  }

  async clear(): Promise<void> {
    for (const program of this.programs) program.kill("SIGKILL");
    await removed(this.home);
  }

  /** The place of the window with this title, without its frame. */
  place(title: string): Rectangle | undefined {
    const window = this.findWindow(title);
    const said = window === undefined ? "" : ofWindow("xwininfo", "-id", window);
    const number = (name: string) => Number(said.match(new RegExp(`${name}: +(-?\\d+)$`, "m"))?.[1]);
    const place = {
      x: number("Absolute upper-left X"),
      y: number("Absolute upper-left Y"),
      width: number("Width"),
      height: number("Height"),
    };
    return said === "" ? undefined : place;
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

  /** The colours of one place of the window with this title, from its first moment until a page is painted in it. */
  async coloursUntilPainted(title: string): Promise<string[]> {
    const seen: string[] = [];
    const look = async () => {
      const window = this.findWindow(title);
      if (window === undefined) return false;
      // One place where nothing stands, and how many colours there are: letters have many.
      const format = "#%[hex:p{340,20}] %k";
      const said = ofWindow("import", "-window", window, "-depth", "8", "-format", format, "info:");
      const [colour = "", colours = ""] = said.trim().split(" ");
      const isPainted = Number(colours) > LETTERS_COLOURS_LEAST;
      if (colour !== "" && !isPainted) seen.push(colour.slice(0, 7).toLowerCase());
      return isPainted;
    };
    await until(look, { intervals: [1] }).toBe(true);
    return seen;
  }

  /** How many colours the window with this title has, and what tells one picture of it from another. */
  looks(title: string): { colours: number; digest: string } {
    const window = this.findWindow(title);
    const said = window && ofWindow("import", "-window", window, "-format", "%k %#", "info:");
    const [colours = "0", digest = ""] = said?.trim().split(" ") ?? [];
    return { colours: Number(colours), digest };
  }

  /** A picture of the window with this title, without its frame. */
  picture(path: string, title: string): void {
    run("import", "-window", this.window(title), path);
  }

  private window(title: string): string {
    const window = this.findWindow(title);
    if (window === undefined) throw new Error(`there is no window ${title}`);
    return window;
  }

  /** The window manager keeps a list of the programs' windows: the last that came stands last. */
  private findWindow(title: string): string | undefined {
    const windows = run("xprop", "-root", "_NET_CLIENT_LIST").match(/0x[0-9a-f]+/g) ?? [];
    return windows.findLast((window) =>
      ofWindow("xprop", "-id", window, "_NET_WM_NAME").endsWith(` = "${title}"\n`),
    );
  }
}

/** What is said of a window; nothing where it went meanwhile. */
function ofWindow(program: string, ...words: string[]): string {
  try {
    return run(program, ...words);
  } catch (error) {
    if (/Bad ?(Window|Drawable)|No such window/.test(String(error))) return "";
    throw error;
  }
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
