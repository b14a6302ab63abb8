import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, until } from "./app";
import { Desk } from "./desk";
import { test as base } from "./person";
import { comeToWindow, NotificationHost, xdotool } from "./screen";
import { KEY } from "./webdriver";

/** A desktop is given so long to lay its panels out; and a little more. */
const LAID_OUT_MS = 12_000;

const windows = (title: string) => xdotool("search", "--onlyvisible", "--name", `^${title}$`);
const body = () => document.body.textContent ?? "";

/** Without a tray, and with somebody who shows notifications where a test wants that. */
const test = base.extend<{ host: NotificationHost }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  desk: async ({}, use) => {
    const desk = await Desk.layWithoutTray();
    await use(desk);
    await desk.clear();
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  host: async ({}, use) => {
    const host = await NotificationHost.start();
    await use(host);
    host.stop();
  },
});

/** Does what ends the window, so that the driver may miss its answer. */
async function ends(doing: Promise<void>): Promise<void> {
  await doing.catch((error: unknown) => expect(String(error)).toMatch(/no such window|unknown error/));
}

test.describe("on a desktop without a tray", () => {
  test("closing the window while something is downloaded asks, and everything may go on without it", async ({
    app,
    host,
    startOrigin,
  }) => {
    const origin = await startOrigin("--size", "24MB", "--rate-per-connection", "60kB");
    app.gannet("add", `${origin.url}/voyage.iso`);
    await until(() => app.row("voyage.iso")).toContain("connections");
    await app.call("close_window");
    await until(() => app.page.run(body)).toContain("Keep downloading");
    await app.press("Cancel");
    await until(() => app.dialog()).toBe("");
    expect(app.gannet("list")).toContain("voyage.iso");

    await app.call("close_window");
    await until(() => app.page.run(body)).toContain("Keep downloading");
    await ends(app.press("Keep downloading"));
    await until(async () => windows("Gannet")).toBe("");
    await until(() => host.count()).toBe("1");
    expect(host.shown()[0]?.title).toBe("Gannet goes on downloading");
    app.startAgain();
    await until(async () => windows("Gannet")).not.toBe("");
  });

  test("what goes on without a window ends once all is done and told", async ({ app, host, startOrigin }) => {
    const origin = await startOrigin("--size", "12MB", "--rate-per-connection", "60kB");
    app.gannet("add", `${origin.url}/voyage.iso`);
    await until(() => app.row("voyage.iso")).toContain("connections");
    await ends(app.call("go_on_without_window"));
    await until(() => host.count()).toBe("1");
    expect(app.runs()).toBe(true);
    await until(async () => app.runs(), { timeout: 60_000 }).toBe(false);
    expect(existsSync(join(app.downloads, "Disk images", "voyage.iso"))).toBe(true);
    expect(host.shown().map(({ title }) => title)).toContain("Download finished");
  });

  test("closing the window ends it where nothing is downloaded", async ({ app }) => {
    await ends(app.call("close_window"));
    await until(async () => app.runs()).toBe(false);
  });

  test("links that nobody answered are asked about by the next window", async ({ app, startOrigin }) => {
    const origin = await startOrigin("--size", "4kB");
    const link = (name: string) => `gannet:add?url=${encodeURIComponent(`${origin.url}/${name}.pdf`)}`;
    app.startAgain(link("one"));
    await until(() => app.page.run(() => document.querySelector("textarea")?.value ?? "")).toContain(
      "one.pdf",
    );
    app.startAgain(link("two"));
    await until(() => app.page.run(body)).toContain("Another link came.");
    // The page comes anew, as it does in a window that is opened again.
    await app.page.run(() => location.reload());
    await until(() => app.page.run(() => document.querySelector("textarea")?.value ?? "")).toContain(
      "one.pdf",
    );
    await app.dialogHasKeyboard();
    await app.page.press(KEY.escape);
    await until(() => app.page.run(() => document.querySelector("textarea")?.value ?? "")).toContain(
      "two.pdf",
    );
  });

  test("a dialog of the system belongs to the window, and goes with it", async ({ app, startOrigin }) => {
    // Something that it goes on for.
    const origin = await startOrigin("--size", "24MB", "--rate-per-connection", "20kB");
    app.gannet("add", `${origin.url}/voyage.iso`);
    await until(() => app.row("voyage.iso")).toContain("connections");
    await app.call("save_as", { start: null, name: "letter.pdf" });
    await comeToWindow("Save as");
    const dialog = windows("Save as").split("\n")[0] ?? "";
    const owner = execFileSync("xprop", ["-id", dialog, "WM_TRANSIENT_FOR", "_NET_WM_STATE"], {
      encoding: "utf8",
    });
    expect(owner).toContain("window id");
    expect(owner).toContain("_NET_WM_STATE_MODAL");
    // One at a time: the second one is that one.
    await app.call("save_as", { start: null, name: "other.pdf" });
    await ends(app.call("go_on_without_window"));
    await until(async () => windows("Save as")).toBe("");
    await until(async () => windows("Gannet")).toBe("");
    expect(app.runs()).toBe(true);
  });

  test("a start with the session shows the window", async ({ person }) => {
    await person.startHidden();
    await person.sees();
  });

  test("a start with the session shows no window where the tray comes a little later", async ({ person }) => {
    await person.startHidden();
    await person.desk.addTray();
    // Nothing says that nothing comes.
    await pause(LAID_OUT_MS);
    expect(person.place()).toBe(undefined);
  });
});
