import { fileURLToPath } from "node:url";
import { newDownload } from "../e2e/page";
import type { Origin } from "../e2e/programs";
import { expect, test, until } from "../e2e-desktop/app";
import { Desk } from "../e2e-desktop/desk";
import type { Command, Reply, Theme } from "../src/generated";
import { DEFAULT_SETTINGS } from "../src/generated/defaults";

/** Where the README takes them from. */
const picture = (name: string) => fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url));

test("the window at work, in both themes", async ({ app, startOrigin }) => {
  const desk = await Desk.lay();
  const order = (command: Command) =>
    app.page.run((command): Promise<Reply> => {
      const internals = Reflect.get(globalThis, "__TAURI_INTERNALS__");
      return internals.invoke("execute", { command });
    }, command);
  const add = async (origin: Origin, ...names: string[]) => {
    const downloads = names.map((name) => newDownload(`${origin.url}/${name}`));
    expect((await order({ action: "add", downloads, duplicates: "add" })).kind).not.toBe("failed");
  };

  const small = await startOrigin("--size", "18MB", "--digest", "repr-sha256");
  const wide = await startOrigin("--size", "2400MB", "--rate-per-connection", "1800kB", "--slow-every", "9");
  await add(small, "annual-report.pdf", "field-recordings.flac", "colony-survey.tar.zst");
  await until(() => app.row("colony-survey.tar.zst")).toContain("Finished");
  await add(wide, "debian-13.3.0-amd64-DVD-1.iso");
  await until(() => app.row("debian-13.3.0")).toContain("32 connections");
  desk.move("Gannet", { x: 100, y: 80, width: 1280, height: 800 });
  await app.choose("debian-13.3.0");
  await app.page.press("\uE007");
  await until(() => app.share("debian-13.3.0"), { timeout: 100_000 }).toBeGreaterThan(35);

  for (const theme of ["dark", "light"] satisfies Theme[]) {
    await order({
      action: "change_settings",
      settings: { ...DEFAULT_SETTINGS, appearance: { ...DEFAULT_SETTINGS.appearance, theme } },
    });
    await until(() => app.page.run(() => document.documentElement.dataset.theme)).toBe(theme);
    desk.picture(picture(`window-${theme}`), "Gannet");
  }
  desk.clear();
});
