import { join } from "node:path";
import { expect, test } from "./fixtures";
import { addByPaste, rowOf, shareOf } from "./page";
import { sha256 } from "./programs";

const THROTTLED = ["--size", "24MB", "--rate-per-connection", "200kB", "--print-sha256"];

test("thirty-two connections are seen at work, and told alike everywhere", async ({
  page,
  server,
  startOrigin,
}) => {
  expect(server.url).not.toBe("");
  const origin = await startOrigin("--size", "200MB", "--rate-per-connection", "60kB");
  await addByPaste(page, `${origin.url}/voyage.iso`);
  const row = rowOf(page, "voyage.iso");
  await row.dblclick();
  const detail = page.getByRole("region", { name: "Details of voyage.iso" });
  await expect(row).toContainText("32 connections");
  await expect(detail.getByRole("tab", { name: "Connections 32" })).toBeVisible();
  await expect(detail.getByRole("tabpanel").getByRole("listitem")).toHaveCount(32);
  // At one moment, both places tell the same time left.
  await expect
    .poll(() =>
      page.evaluate(() => {
        const about = (place: string) =>
          [...document.querySelectorAll(`${place} span`)].find((one) => /^about/.test(one.textContent ?? ""));
        const inList = about("[data-list]")?.textContent;
        return inList !== undefined && about("[aria-label^='Details of']")?.textContent === `${inList} left`;
      }),
    )
    .toBe(true);
  await expect(detail).toContainText("All 32 are at that limit.");
});

test("the server is lost and found without a reload", async ({ page, server, startOrigin }) => {
  const origin = await startOrigin(...THROTTLED);
  await addByPaste(page, `${origin.url}/voyage.iso`);
  const row = rowOf(page, "voyage.iso");
  await expect.poll(() => shareOf(row)).toBeGreaterThan(5);
  await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));

  await server.kill();
  const strip = page.getByText("The connection to Gannet is lost.");
  await expect(strip).toBeVisible();
  await expect(row).toBeVisible();
  await page.keyboard.press("2");
  await expect(row).toBeVisible();

  await server.run();
  await expect(strip).toBeHidden();
  await page.keyboard.press("1");
  await expect(row).toContainText("Finished", { timeout: 30_000 });
  expect(await page.evaluate(() => "notReloaded" in globalThis)).toBe(true);
  expect(await sha256(join(server.downloads, "Disk images", "voyage.iso"))).toBe(origin.sha256);
});

test("a server that stands still is seen to be lost, and found once it moves", async ({
  page,
  server,
  startOrigin,
}) => {
  const origin = await startOrigin(...THROTTLED);
  await addByPaste(page, `${origin.url}/voyage.iso`);
  const row = rowOf(page, "voyage.iso");
  await expect.poll(() => shareOf(row)).toBeGreaterThan(5);

  server.halt();
  const strip = page.getByText("The connection to Gannet is lost.");
  // Ten seconds without a word, while something moves.
  await expect(strip).toBeVisible({ timeout: 20_000 });
  await expect(row).toBeVisible();
  server.goOn();
  await expect(strip).toBeHidden({ timeout: 15_000 });
  await expect(row).toContainText("Finished", { timeout: 30_000 });
  expect(await sha256(join(server.downloads, "Disk images", "voyage.iso"))).toBe(origin.sha256);
});

test("quitting asks first, and the page is there when the program is started again", async ({
  page,
  server,
}) => {
  const quit = async () => {
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Quit Gannet" }).click();
  };
  await quit();
  await page.getByRole("dialog", { name: "Quit Gannet?" }).getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();

  // Another page that is open hears of it too, and takes it for no lost connection.
  const other = await page.context().newPage();
  await other.goto(server.url);
  await expect(other.locator("[data-list]")).toBeFocused();
  await quit();
  await page.getByRole("button", { name: "Quit Gannet" }).click();
  await server.ended();
  const strip = page.getByText("Gannet was quit.");
  await expect(strip).toBeVisible();
  await expect(other.getByText("Gannet was quit.")).toBeVisible();
  await other.close();
  await expect(page.getByRole("dialog")).toBeHidden();
  await server.run();
  await expect(strip).toBeHidden();
});
