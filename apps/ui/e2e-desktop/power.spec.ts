import { expect, until } from "./app";
import { type Machine, test } from "./machine";
import { KEY } from "./webdriver";

/** Some seconds long, so that it is at work when the machine changes. */
const THROTTLED = ["--size", "16MB", "--rate-per-connection", "60kB"];

test("the machine is kept awake while something is downloaded, and no longer", async ({
  app,
  machine,
  startOrigin,
}) => {
  const origin = await startOrigin(...THROTTLED);
  const row = () => app.row("voyage.iso");
  const held = async () => machine.inhibitors();
  expect(await held()).not.toContain("Gannet");
  await app.addByPaste(`${origin.url}/voyage.iso`);
  await until(held).toMatch(/idle\s+Gannet\s+.*block/s);

  await app.choose("voyage.iso");
  await app.page.press(KEY.space);
  await until(row).toContain("Paused");
  await until(held).not.toContain("Gannet");

  await app.page.press(KEY.space);
  await until(held).toContain("Gannet");
  await until(row, { timeout: 60_000 }).toContain("Finished");
  await until(held).not.toContain("Gannet");
});

test("it is let asleep where the person wants that", async ({ app, machine, startOrigin }) => {
  const origin = await startOrigin("--size", "160MB", "--rate-per-connection", "60kB");
  await app.addByPaste(`${origin.url}/voyage.iso`);
  await until(() => app.row("voyage.iso")).toContain("connections");
  await until(async () => machine.inhibitors()).toContain("Gannet");
  await app.set({ desktop: { keep_awake: false } });
  await until(async () => machine.inhibitors()).not.toContain("Gannet");
  expect(await app.row("voyage.iso")).toContain("connections");
});

test("it stays awake for a server that asks to wait", async ({ app, machine, startOrigin }) => {
  // It never serves anybody.
  const origin = await startOrigin("--max-connections", "0", "--beyond", "503", "--retry-after", "600");
  const held = async () => machine.inhibitors();
  app.gannet("add", `${origin.url}/voyage.iso`);
  await until(() => app.row("voyage.iso")).toContain("The server asked to wait");
  // What was held before it waited would tell nothing.
  await app.set({ desktop: { keep_awake: false } });
  await until(held).not.toContain("Gannet");
  await app.set({ desktop: { keep_awake: true } });
  await until(held).toContain("Gannet");
  await app.choose("voyage.iso");
  await app.page.press(KEY.space);
  await until(() => app.row("voyage.iso")).toContain("Paused");
  await until(held).not.toContain("Gannet");
});

for (const { cause, waits, begins, ends } of [
  {
    cause: "pause_on_battery",
    waits: "Waits for the power cable",
    begins: (machine: Machine) => machine.onBattery(true),
    ends: (machine: Machine) => machine.onBattery(false),
  },
  {
    cause: "pause_on_metered",
    waits: "Waits for a line without a meter",
    begins: (machine: Machine) => machine.metered(1),
    ends: (machine: Machine) => machine.metered(2),
  },
])
  test(`downloads wait and go on by themselves: ${cause}`, async ({ app, machine, startOrigin }) => {
    const origin = await startOrigin(...THROTTLED);
    const row = () => app.row("voyage.iso");
    await app.set({ desktop: { [cause]: true } });
    await app.addByPaste(`${origin.url}/voyage.iso`);
    await until(row).toContain("connections");
    begins(machine);
    await until(row).toContain(waits);
    await until(async () => machine.inhibitors()).not.toContain("Gannet");

    // What was there before the program is seen before anything is asked for.
    await app.kill();
    await app.run();
    await until(row).toContain(waits);
    ends(machine);
    await until(row, { timeout: 60_000 }).toContain("Finished");
  });
