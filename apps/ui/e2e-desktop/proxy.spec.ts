import { execFileSync } from "node:child_process";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { sha256 } from "../e2e/programs";
import { App, test as base, expect, until } from "./app";

/** A host that nobody knows but the proxies. */
const HOST = "http://files.invalid";
const SCHEMA = "org.gnome.system.proxy";
/** GNOME's settings in a file beneath the test's own `XDG_CONFIG_HOME`, instead of those of whoever runs it. */
const BACKEND = { GSETTINGS_BACKEND: "keyfile", XDG_CURRENT_DESKTOP: "GNOME" };

/** A proxy that leads to one origin, whatever host is asked for. */
class Detour {
  /** The paths that it was asked for. */
  readonly asked: string[] = [];
  private readonly server: Server;

  constructor(origin: string) {
    this.server = createServer(({ url = "", headers: { host: _, ...headers } }, answer) => {
      const path = url.replace(HOST, "");
      this.asked.push(path);
      const onward = request(`${origin}${path}`, { headers, agent: false }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      onward.on("error", () => answer.destroy());
      onward.end();
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const test = base.extend<{ startDetour: (origin: string) => Promise<Detour> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  startDetour: async ({}, use) => {
    const detours: Detour[] = [];
    await use(async (origin) => {
      const detour = new Detour(origin);
      await detour.start();
      detours.push(detour);
      return detour;
    });
    for (const detour of detours) detour.stop();
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  app: async ({}, use) => {
    const app = await App.start(BACKEND);
    await use(app);
    await app.stop();
  },
});

/** Changes a setting of GNOME's, as its settings' window does. */
function set(app: App, schema: string, key: string, value: string): void {
  const env = { ...process.env, ...BACKEND, XDG_CONFIG_HOME: app.home };
  execFileSync("gsettings", ["set", schema, key, value], { env });
}

/** Adds one download after the other until one takes this way, and returns its name. */
async function firstThrough(app: App, detour: Detour): Promise<string> {
  // The program hears of a change a moment after it was made.
  await until(async () => {
    app.gannet("add", `${HOST}/letter-${Date.now()}.pdf`);
    return detour.asked.length;
  }).toBeGreaterThan(0);
  return detour.asked[0]?.slice(1) ?? "";
}

test("downloads go through the proxy of GNOME's settings, as they are and as they become", async ({
  app,
  startDetour,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "40kB", "--print-sha256");
  const [first, second] = [await startDetour(origin.url), await startDetour(origin.url)];
  set(app, `${SCHEMA}.http`, "host", "127.0.0.1");
  set(app, `${SCHEMA}.http`, "port", String(first.port));
  set(app, SCHEMA, "mode", "manual");
  const name = await firstThrough(app, first);
  await until(() => app.row(name)).toContain("Finished");
  expect(await sha256(join(app.downloads, "Documents", name))).toBe(origin.sha256);

  // What was set before it came.
  await app.kill();
  await app.run();
  app.gannet("add", `${HOST}/at-once.pdf`);
  await until(() => app.row("at-once.pdf")).toContain("Finished");
  expect(first.asked).toContain("/at-once.pdf");

  set(app, `${SCHEMA}.http`, "port", String(second.port));
  const other = await firstThrough(app, second);
  await until(() => app.row(other)).toContain("Finished");
});
