import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { newDownload } from "../e2e/page";
import type { Origin } from "../e2e/programs";
import { until } from "../e2e-desktop/app";
import { TITLE, test } from "../e2e-desktop/person";
import type { Theme } from "../src/generated";
import { DEFAULT_SETTINGS } from "../src/generated/defaults";

/** Where the README takes them from. */
const picture = (name: string) => fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url));

/** Until the map and the chart have something to show, and until a new theme has faded in. */
const AT_WORK_FOR_MS = 14_000;
const THEME_FADES_IN_MS = 2500;

test("the window at work, in both themes", async ({ person, startOrigin }) => {
  const add = (origin: Origin, ...names: string[]) => {
    const downloads = names.map((name) => newDownload(`${origin.url}/${name}`));
    return person.order({ action: "add", downloads, duplicates: "add" });
  };
  const small = await startOrigin("--size", "18MB", "--digest", "repr-sha256");
  const wide = await startOrigin("--size", "2400MB", "--rate-per-connection", "1800kB", "--slow-every", "9");
  await person.start();
  person.desk.move(TITLE, { x: 100, y: 80, width: 1280, height: 800 });
  await add(small, "annual-report.pdf", "field-recordings.flac", "colony-survey.tar.zst");
  await until(async () => person.gannet("list", "--finished")).toMatch(/(?:\n.*){2}/);
  await add(wide, "debian-13.3.0-amd64-DVD-1.iso");
  await until(async () => person.gannet("list")).toContain("debian");
  await pause(AT_WORK_FOR_MS);
  for (const theme of ["dark", "light"] satisfies Theme[]) {
    const appearance = { ...DEFAULT_SETTINGS.appearance, theme };
    await person.order({ action: "change_settings", settings: { ...DEFAULT_SETTINGS, appearance } });
    await pause(THEME_FADES_IN_MS);
    person.desk.picture(picture(`window-${theme}`), TITLE);
  }
});
