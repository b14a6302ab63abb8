import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "./fixtures";
import { addByPaste, rowOf, shareOf } from "./page";
import { sha256 } from "./programs";

/** Slow enough to be watched and stopped; quick enough for a test. */
const THROTTLED = ["--size", "24MB", "--rate-per-connection", "250kB", "--print-sha256"];

test("a pasted link becomes a file, through a pause and a kill of the server", async ({
  page,
  server,
  startOrigin,
}) => {
  const origin = await startOrigin(...THROTTLED);
  await addByPaste(page, `${origin.url}/voyage.iso`);
  const row = rowOf(page, "voyage.iso");
  await expect(row).toContainText("32 connections");

  await row.click();
  await page.keyboard.press("Space");
  await expect(row).toContainText("Paused");
  const share = await shareOf(row);
  expect(share).toBeGreaterThan(0);

  await server.kill();
  await expect(page.getByRole("alert").or(page.getByRole("status")).first()).toBeVisible();
  await server.run();
  await expect(row).toContainText("Paused");
  // What came between the last figure and the stop counts too.
  expect(await shareOf(row)).toBeGreaterThanOrEqual(share);

  await row.click();
  await page.keyboard.press("Space");
  await expect(row).toContainText("connections");
  await server.kill();
  await server.run();
  await expect(row).toContainText("Finished", { timeout: 30_000 });
  expect(await sha256(join(server.downloads, "Disk images", "voyage.iso"))).toBe(origin.sha256);
});

test("what was removed comes back", async ({ page, server, startOrigin }) => {
  const origin = await startOrigin("--size", "40kB");
  await addByPaste(page, `${origin.url}/note.pdf`);
  const row = rowOf(page, "note.pdf");
  await expect(row).toContainText("Finished");
  await row.click();
  await page.keyboard.press("Delete");
  await expect(row).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row).toBeVisible();
  expect(existsSync(join(server.downloads, "Documents", "note.pdf"))).toBe(true);
});
