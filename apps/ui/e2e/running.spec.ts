import { join } from "node:path";
import { expect, test } from "./fixtures";
import { addByPaste, rowOf, shareOf } from "./page";
import { sha256 } from "./programs";

const THROTTLED = ["--size", "24MB", "--rate-per-connection", "60kB", "--print-sha256"];

test("what is at work is given a mirror, and goes on there where its own address is lost", async ({
  page,
  server,
  startOrigin,
  openDoor,
}) => {
  const origin = await startOrigin(...THROTTLED);
  const other = await startOrigin(...THROTTLED);
  expect(other.sha256).toBe(origin.sha256);
  const door = await openDoor(origin);
  await addByPaste(page, `${door.url}/voyage.iso`);
  const row = rowOf(page, "voyage.iso");
  await expect.poll(() => shareOf(row)).toBeGreaterThan(2);

  await row.click({ button: "right" });
  await page.getByRole("menuitem", { name: "Add a mirror" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a mirror" });
  const field = dialog.getByRole("textbox", { name: "Link to the same file" });
  await expect(field).toBeFocused();
  await field.fill("no link");
  await expect(dialog).toContainText("This is not a link");
  await expect(dialog.getByRole("button", { name: "Add the mirror" })).toBeDisabled();
  await field.fill(`${other.url}/voyage.iso`);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("grid", { name: "Downloads" })).toBeFocused();

  await row.dblclick();
  const detail = page.getByRole("region", { name: "Details of voyage.iso" });
  await detail.getByRole("tab", { name: "Sources 2" }).click();
  await expect(detail.getByRole("tabpanel")).toContainText(other.url);
  door.shut(410);
  await expect(row).toContainText("Finished", { timeout: 45_000 });
  expect(await sha256(join(server.downloads, "Disk images", "voyage.iso"))).toBe(origin.sha256);
});

test("what is at work is given fewer connections, and more again, from its menu", async ({
  page,
  server,
  startOrigin,
}) => {
  expect(server.url).not.toBe("");
  const origin = await startOrigin("--size", "200MB", "--rate-per-connection", "60kB");
  await addByPaste(page, `${origin.url}/voyage.iso`);
  const row = rowOf(page, "voyage.iso");
  await expect(row).toContainText("32 connections");
  const choose = async (words: string) => {
    await row.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Connections" }).hover();
    await page.getByRole("menuitemradio", { name: words, exact: true }).click();
    await expect(page.getByRole("menu")).toHaveCount(0);
  };
  await choose("4");
  await expect(row).toContainText("4 connections");
  await expect(row).not.toContainText("32 connections");
  await choose("16");
  await expect(row).toContainText("16 connections");

  // It is remembered: what was chosen is what the menu shows next time.
  await row.click({ button: "right" });
  await page.getByRole("menuitem", { name: "Connections" }).hover();
  await expect(page.getByRole("menuitemradio", { name: "16", exact: true })).toBeChecked();
});
