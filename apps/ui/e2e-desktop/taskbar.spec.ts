import { spawn } from "node:child_process";
import { test as base, expect, until } from "./app";

/** Some seconds long, so that it is seen to go on. */
const THROTTLED = ["--size", "24MB", "--rate-per-connection", "60kB"];

const INTERFACE = "com.canonical.Unity.LauncherEntry";

/** What docks and task bars are told of a program's icon. */
interface Update {
  application: string | undefined;
  progress: number;
  visible: boolean;
}

/** Listens as a dock does. */
const test = base.extend<{ told: () => Update[] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  told: async ({}, use) => {
    const monitor = spawn("dbus-monitor", ["--session", `type='signal',interface='${INTERFACE}'`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let heard = "";
    monitor.stdout.on("data", (text) => {
      heard += text;
    });
    // The bus greets whoever listens.
    await until(async () => heard).toContain("NameAcquired");
    const told = () => heard.split(`interface=${INTERFACE}; member=Update`).slice(1);
    // The last one may still be on its way.
    await use(() => told().filter(isWhole).map(read));
    monitor.kill("SIGKILL");
  },
});

test("docks are told how far everything is, and when that is over", async ({ told, app, startOrigin }) => {
  const origin = await startOrigin(...THROTTLED);
  await app.addByPaste(`${origin.url}/voyage.iso`);
  const seen = () => told().filter(({ visible }) => visible);
  await until(async () => seen().length, { timeout: 60_000 }).toBeGreaterThan(2);
  await until(() => app.row("voyage.iso"), { timeout: 60_000 }).toContain("Finished");
  await until(async () => told().at(-1)?.visible).toBe(false);

  expect(new Set(told().map(({ application }) => application))).toEqual(
    new Set(["application://gannet-desktop.desktop"]),
  );
  const progress = seen().map(({ progress }) => progress);
  expect(progress).toEqual(progress.toSorted((one, other) => one - other));
  expect(progress[0]).toBeGreaterThanOrEqual(0);
  expect(progress.at(-1)).toBeGreaterThan(0.1);
  expect(progress.at(-1)).toBeLessThanOrEqual(1);
});

/** Its list is closed. */
function isWhole(text: string): boolean {
  return /^ {3}\]$/m.test(text);
}

/** Reads what dbus-monitor writes of one signal. */
function read(text: string): Update {
  const value = (name: string) => text.match(new RegExp(`string "${name}"\\s+variant\\s+\\w+ (\\S+)`))?.[1];
  return {
    application: text.match(/string "(application:[^"]*)"/)?.[1],
    progress: Number(value("progress")),
    visible: value("progress-visible") === "true",
  };
}
