import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, until } from "./app";
import { drag } from "./drag";

test("a file of links that another program drops is asked about", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  const list = join(app.folderOutside("a folder"), "my list.txt");
  writeFileSync(list, `${origin.url}/one.pdf\n${origin.url}/two.pdf\n`);
  await drag({ files: [list] });
  await until(() => app.dialog()).toContain("Start all");
  expect(await app.row("one.pdf")).toBe("");
  await app.press("Start all");
  await until(() => app.row("one.pdf")).toContain("Finished");
  await until(() => app.row("two.pdf")).toContain("Finished");
  // What lay over the page while it was dragged is gone.
  await until(() => app.page.run(() => document.body.textContent ?? "")).not.toContain("Drop to download");
});

test("a file that gives no links is said, and nothing is asked", async ({ app }) => {
  const picture = join(app.folderOutside("pictures"), "gannet.png");
  writeFileSync(picture, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]));
  await drag({ files: [picture] });
  await until(() => app.page.run(() => document.body.textContent ?? "")).toContain("gannet.png");
  expect(await app.dialog()).toBe("");
});

test("links and text that another program drops are asked about", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  await drag({ links: [`${origin.url}/one.pdf`] });
  await app.answer();
  await until(() => app.row("one.pdf")).toContain("Finished");
  await drag({ text: `see ${origin.url}/two.pdf` });
  await app.answer();
  await until(() => app.row("two.pdf")).toContain("Finished");
});
