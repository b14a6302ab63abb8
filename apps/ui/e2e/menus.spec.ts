import { expect, test } from "./fixtures";

test("the details on a phone hold what mends a failure, and everything else that can be done", async ({
  page,
  openMock,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openMock("scenario=failures&clock=manual");
  const failed = page.getByRole("row").filter({ hasText: "new link" }).first();
  await expect(failed).toBeVisible();
  const rows = Number(await page.getByRole("grid").getAttribute("aria-rowcount"));
  await failed.locator("bdi").first().click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("button", { name: "Get a new link" })).toBeVisible();
  await sheet.getByRole("button", { name: "More" }).click();
  await expect(page.getByRole("menuitem", { name: "Copy link" })).toBeVisible();
  await page.getByRole("menuitem", { name: "Remove from the list" }).click();
  await expect(sheet).toBeHidden();
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", `${rows - 1}`);
});

test("a menu over the list is about a row, wherever it was asked for", async ({ page, openMock }) => {
  await openMock("scenario=failures&clock=manual");
  const menu = page.getByRole("menu");
  const row = page.getByRole("row").nth(2);
  await expect(row).toBeVisible();
  await page.getByRole("columnheader", { name: "Name" }).click({ button: "right" });
  await expect(menu).toHaveCount(0);

  await page.getByRole("grid").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  // Beneath an open menu there is nothing for who is told of the page.
  const asked = await row.boundingBox();
  await page.keyboard.press("Shift+F10");
  await expect(menu).toBeVisible();
  const opened = await menu.boundingBox();
  expect(Math.abs((opened?.y ?? 0) - (asked?.y ?? 0) - (asked?.height ?? 0))).toBeLessThan(20);
  await page.keyboard.press("Escape");
  await expect(menu).toHaveCount(0);

  // Where there is one row, the list goes on beneath it.
  await openMock("scenario=awful&clock=manual");
  await expect(row).toBeVisible();
  await expect(page.getByRole("grid")).toBeFocused();
  await page.keyboard.press("5");
  await expect(page.getByRole("row")).toHaveCount(2);
  const grid = await page.getByRole("grid").boundingBox();
  await page.mouse.click((grid?.x ?? 0) + 300, (grid?.y ?? 0) + (grid?.height ?? 0) - 8, { button: "right" });
  await expect(menu).toHaveCount(0);
});
