import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** What WebDriver calls the keys that are no letters (section 17.4.2). */
export const KEY = { enter: "\uE007", space: " ", escape: "\uE00C", end: "\uE010" } as const;

const DRIVER_BEGINS_WITHIN_MS = 20_000;
/** A window that does not answer for so long is stuck. */
const ANSWER_WITHIN_MS = 60_000;

/** A session with a program's webview, through WebKit's own driver (W3C WebDriver). */
export class Session {
  private constructor(
    private readonly driver: ChildProcess,
    private readonly address: string,
  ) {}

  /** Starts the program in the driver's hands. */
  static async begin(
    program: string,
    args: readonly string[],
    environment: Record<string, string>,
  ): Promise<Session> {
    const port = await freePort();
    const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
      env: { ...process.env, ...environment, TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const base = `http://127.0.0.1:${port}`;
    try {
      await listens(base);
      const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: program, args } } };
      const { sessionId } = await ask<{ sessionId: string }>("POST", `${base}/session`, { capabilities });
      return new Session(driver, `${base}/session/${sessionId}`);
    } catch (error) {
      driver.kill("SIGKILL");
      throw error;
    }
  }

  /** Runs a function in the page and gives what it returns; it sees nothing but its arguments. */
  run<A extends unknown[], T>(script: (...args: A) => T | Promise<T>, ...args: A): Promise<T> {
    const text = `
      const done = arguments[arguments.length - 1];
      Promise.resolve((${script}).apply(null, Array.prototype.slice.call(arguments, 0, -1)))
        .then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    return ask<{ value: T; error?: string }>("POST", `${this.address}/execute/async`, {
      script: text,
      args,
    }).then(({ value, error }) => {
      if (error !== undefined) throw new Error(error);
      return value;
    });
  }

  /** Presses a key and lets it go. */
  async press(key: string): Promise<void> {
    const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: key }));
    await ask("POST", `${this.address}/actions`, { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Clicks somewhere in the page, as a mouse does. */
  async click(x: number, y: number): Promise<void> {
    const actions = [
      { type: "pointerMove", x: Math.round(x), y: Math.round(y) },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await ask("POST", `${this.address}/actions`, { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  /** The address of the page. */
  url(): Promise<string> {
    return ask<string>("GET", `${this.address}/url`);
  }

  /** Lets go of a program that is gone already. */
  async abandon(): Promise<void> {
    const gone = once(this.driver, "exit");
    this.driver.kill("SIGKILL");
    await gone;
  }
}

async function ask<T>(method: string, address: string, body?: unknown): Promise<T> {
  const response = await fetch(address, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const { value } = (await response.json()) as { value: T };
  if (!response.ok) throw new Error(`${method} ${address}: ${JSON.stringify(value)}`);
  return value;
}

async function listens(base: string): Promise<void> {
  const until = Date.now() + DRIVER_BEGINS_WITHIN_MS;
  for (;;) {
    const answers = await fetch(`${base}/status`).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return;
    if (Date.now() > until) throw new Error("WebKitWebDriver does not listen");
    await pause(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
