import { expect, test } from "./fixtures";
import { addByPaste, rowOf, shareOf } from "./page";

const THROTTLED = ["--size", "24MB", "--rate-per-connection", "60kB"];

for (const width of [390, 1024, 1600])
  test(`the main actions are at hand at ${width} pixels`, async ({ page, server, startOrigin }) => {
    expect(server.url).not.toBe("");
    await page.setViewportSize({ width, height: 844 });
    const origin = await startOrigin(...THROTTLED);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("textbox", { name: "Link" }).fill(`${origin.url}/voyage.iso`);
    await expect(page.getByRole("dialog")).toContainText("Can resume");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    const row = rowOf(page, "voyage.iso");
    await expect.poll(() => shareOf(row)).toBeGreaterThan(0);

    await row.hover();
    await row.getByRole("button", { name: "Pause" }).click();
    await expect(row).toContainText("Paused");
    await addByPaste(page, `${origin.url}/10kB/note.pdf`);
    await expect(rowOf(page, "note.pdf")).toContainText("Finished");

    if (width < 860) await page.getByRole("button", { name: "Show the sidebar" }).click();
    await page.getByRole("button", { name: /^Finished/ }).click();
    await expect(row).toBeHidden();
    await expect(rowOf(page, "note.pdf")).toBeVisible();
    await page.getByRole("searchbox", { name: "Search downloads" }).fill("nothing like it");
    await expect(page.getByText("Nothing is called")).toBeVisible();
  });
