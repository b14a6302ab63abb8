import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromEnvironment } from "../e2e/programs";
import type { Command, Reply } from "../src/generated";
import { test as base, removed, until } from "./app";
import { Desk, processes, type Rectangle } from "./desk";

const DESKTOP = fromEnvironment("GANNET_DESKTOP");
const GANNET = fromEnvironment("GANNET");
export const TITLE = "Gannet";

/** The window in nobody's hands but a person's: no driver is told of it. */
export class Person {
  private readonly folder = mkdtempSync(join(tmpdir(), "gannet-rest-"));
  private readonly data = join(this.folder, "data");
  readonly downloads = join(this.folder, "downloads");
  private program: ChildProcess | undefined;

  constructor(readonly desk: Desk) {
    mkdirSync(this.downloads);
  }

  /** Starts it, and returns when its window is on the screen. */
  async start(): Promise<void> {
    await this.startHidden([]);
    await this.sees();
  }

  /** Starts it as the session does, and returns when it is there. */
  async startHidden(words: readonly string[] = ["--hidden"]): Promise<void> {
    const folders = ["--data-dir", this.data, "--download-dir", this.downloads];
    this.program = spawn(DESKTOP, [...words, ...folders], { stdio: ["ignore", "ignore", "inherit"] });
    await until(async () => existsSync(join(this.data, "runtime.json"))).toBe(true);
  }

  /** Returns when the window is on the screen. */
  async sees(): Promise<void> {
    await until(async () => this.desk.place(TITLE) !== undefined).toBe(true);
  }

  place(): Rectangle | undefined {
    return this.desk.place(TITLE);
  }

  /** By the key that the window manager has for it. */
  async close(): Promise<void> {
    this.desk.press("alt+F4");
    await until(async () => this.desk.place(TITLE)).toBe(undefined);
  }

  gannet(...words: string[]): string {
    return execFileSync(GANNET, [...words, "--data-dir", this.data], { encoding: "utf8" });
  }

  /** Asks the manager, as programs beside it do. */
  async order(command: Command): Promise<Reply> {
    const { url, token_file } = JSON.parse(readFileSync(join(this.data, "runtime.json"), "utf8"));
    const token = readFileSync(token_file, "utf8").trim();
    const answer = await fetch(`${url}/api/command`.replace("//api", "/api"), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(command),
    });
    const reply = (await answer.json()) as Reply;
    if (reply.kind === "failed") throw new Error(JSON.stringify(reply));
    return reply;
  }

  get pid(): number {
    return this.running.pid ?? 0;
  }

  processes() {
    return processes(this.pid);
  }

  /** The status with which it ended by itself, where it did. */
  ended(): number | null {
    return this.running.exitCode;
  }

  /** What is kept of the window's place. */
  kept(): string {
    const file = join(this.data, "window.json");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Ends it by a signal, and returns how long that took. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<{ code: number | null; took_ms: number }> {
    const begun = Date.now();
    const gone = once(this.running, "exit");
    this.running.kill(signal);
    const [code] = await gone;
    this.program = undefined;
    return { code, took_ms: Date.now() - begun };
  }

  async leave(): Promise<void> {
    if (this.program?.exitCode === null) await this.end("SIGKILL");
    await removed(this.folder);
  }

  private get running(): ChildProcess {
    if (!this.program) throw new Error("the window was not started");
    return this.program;
  }
}

export const test = base.extend<{ desk: Desk; person: Person }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  desk: async ({}, use) => {
    const desk = await Desk.lay();
    await use(desk);
    await desk.clear();
  },
  person: async ({ desk }, use) => {
    const person = new Person(desk);
    await use(person);
    await person.leave();
  },
});
