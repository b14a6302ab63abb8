import { join } from "node:path";
import type { Locator } from "@playwright/test";
import { expect, test } from "./fixtures";
import { addByPaste, newDownload, order, paste, rowOf, shareOf } from "./page";
import { sha256 } from "./programs";

const SIZE_BYTES = 12_000_000;
const THROTTLED = ["--size", String(SIZE_BYTES), "--rate-per-connection", "150kB", "--print-sha256"];
const SMALL = ["--size", "300kB", "--print-sha256"];

test("a link that expires halfway goes on with a new one, from where it was", async ({
  page,
  server,
  startOrigin,
  openDoor,
}) => {
  const origin = await startOrigin(...THROTTLED);
  const door = await openDoor(origin);
  await addByPaste(page, `${door.url}/voyage.iso`);
  const row = rowOf(page, "voyage.iso");
  await expect.poll(() => shareOf(row)).toBeGreaterThan(30);
  door.shut(410);

  await expect(row).toContainText("Link has expired");
  await expect(page.getByText("voyage.iso: The link has expired").first()).toBeVisible();
  await row.getByRole("button", { name: "Get a new link" }).click();
  await page.getByRole("textbox", { name: "New link" }).fill(`${origin.url}/voyage.iso?signed=again`);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeHidden();

  await expect(row).toContainText("Finished", { timeout: 30_000 });
  expect(await sha256(join(server.downloads, "Disk images", "voyage.iso"))).toBe(origin.sha256);
  // Begun anew, it would have asked for 30 % twice.
  const log = await (await fetch(`${origin.url}/.log`)).json();
  expect(log.bytes_sent).toBeLessThan(1.15 * SIZE_BYTES);
});

test("a link that leads nowhere is given another, in the row", async ({
  page,
  server,
  startOrigin,
  openDoor,
}) => {
  const origin = await startOrigin(...SMALL);
  const door = await openDoor(origin);
  door.shut(404);
  await paste(page, `${door.url}/lost.pdf`);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("alert")).toContainText("refused");
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await expect(dialog).toBeHidden();

  const row = rowOf(page, "lost.pdf");
  await expect(row).toContainText("Server refused");
  await row.getByRole("button", { name: "Get a new link" }).click();
  const field = page.getByRole("textbox", { name: "New link" });
  await field.fill("no link");
  await expect(page.getByRole("dialog")).toContainText("This is not a link");
  await field.fill(`${origin.url}/lost.pdf`);
  await page.getByRole("button", { name: "Go on with this link" }).click();
  await expect(row).toContainText("Finished");
  expect(await sha256(join(server.downloads, "Documents", "lost.pdf"))).toBe(origin.sha256);
});

test("a server that asks who one is, is told in the row", async ({ page, server, startOrigin }) => {
  const origin = await startOrigin(...SMALL, "--user", "ada:love");
  await order(page, server, {
    action: "add",
    downloads: [newDownload(`${origin.url}/private.pdf`)],
    duplicates: "add",
  });
  const row = rowOf(page, "private.pdf");
  await expect(row).toContainText("The server asks for a password");
  await row.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("textbox", { name: "User name" }).fill("ada");
  await page.getByRole("dialog").getByLabel("Password").fill("love");
  await page.keyboard.press("Enter");
  await expect(row).toContainText("Finished");
  expect(await sha256(join(server.downloads, "Documents", "private.pdf"))).toBe(origin.sha256);
});

test("what waits for another try stands still, and goes on with a good link", async ({
  page,
  server,
  startOrigin,
}) => {
  // Nobody listens there.
  await order(page, server, {
    action: "add",
    downloads: [newDownload("http://127.0.0.1:9/silent.pdf")],
    duplicates: "add",
  });
  const row = rowOf(page, "silent.pdf");
  await expect(row).toContainText("Waits for the next try");
  expect(await looksOverFrames(row)).toHaveLength(1);

  const origin = await startOrigin(...SMALL);
  await row.click({ button: "right" });
  await page.getByRole("menuitem", { name: "Get a new link" }).click();
  await page.getByRole("textbox", { name: "New link" }).fill(`${origin.url}/silent.pdf`);
  await page.keyboard.press("Enter");
  await expect(row).toContainText("Finished");
  expect(await sha256(join(server.downloads, "Documents", "silent.pdf"))).toBe(origin.sha256);
});

/** The different looks that a row's map has over some frames: the pictures of its canvas, or "plain" where it needs none. */
function looksOverFrames(row: Locator): Promise<string[]> {
  return row.evaluate(async (element) => {
    const looks = new Set<string>();
    for (let frame = 0; frame < 20; frame++) {
      await new Promise(requestAnimationFrame);
      const moves = element.getAnimations({ subtree: true }).length > 0;
      looks.add(
        moves ? `moves in frame ${frame}` : (element.querySelector("canvas")?.toDataURL() ?? "plain"),
      );
    }
    return [...looks];
  });
}
