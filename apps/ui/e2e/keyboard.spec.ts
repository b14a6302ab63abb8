import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { namesInList, rowOf, shareOf } from "./page";

const THROTTLED = ["--size", "24MB", "--rate-per-connection", "25kB"];

test("the whole life of downloads without the mouse", async ({ page, server, startOrigin }) => {
  const slow = await startOrigin(...THROTTLED);
  const quick = await startOrigin("--size", "40kB");
  const list = page.getByRole("grid", { name: "Downloads" });
  await expect(list).toBeFocused();

  await add(page, `${quick.url}/note.pdf`);
  await expect(rowOf(page, "note.pdf")).toContainText("Finished");
  await expect(list).toBeFocused();
  await add(page, `${slow.url}/voyage.iso`);
  const row = rowOf(page, "voyage.iso");
  await expect.poll(() => shareOf(row)).toBeGreaterThan(0);

  await page.keyboard.press("Home");
  await expect(row).toHaveAttribute("aria-selected", "true");
  await expectActive(page, "voyage.iso");
  await page.keyboard.press("ArrowDown");
  await expectActive(page, "note.pdf");
  await page.keyboard.press("Shift+ArrowUp");
  await expect(page.getByRole("row", { selected: true })).toHaveCount(2);
  await page.keyboard.press("Home");

  await page.keyboard.press("Space");
  await expect(row).toContainText("Paused");
  await page.keyboard.press("Space");
  await expect(row).toContainText("connections");

  await page.keyboard.press("Enter");
  const detail = page.getByRole("region", { name: "Details of voyage.iso" });
  await expect(detail).toBeVisible();
  await expect(list).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(detail).toBeHidden();

  await page.keyboard.press("F2");
  await expect(page.getByRole("textbox", { name: "File name" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(list).toBeFocused();

  await page.keyboard.press("End");
  await expectActive(page, "note.pdf");
  await page.keyboard.press("Delete");
  await expect(rowOf(page, "note.pdf")).toBeHidden();
  await expect(list).toBeFocused();
  await page.keyboard.press("Control+z");
  await expect(rowOf(page, "note.pdf")).toBeVisible();
  expect(existsSync(join(server.downloads, "Documents", "note.pdf"))).toBe(true);

  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("pause all");
  await page.keyboard.press("Enter");
  await expect(row).toContainText("Paused");
  await expect(list).toBeFocused();

  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard" });
  await expect(sheet).toContainText("Command palette");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(list).toBeFocused();

  await page.keyboard.press("/");
  await page.keyboard.type("voyage");
  await expect(rowOf(page, "note.pdf")).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(list).toBeFocused();
  await expect(rowOf(page, "note.pdf")).toBeVisible();

  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+Delete");
  await expect(page.getByRole("dialog", { name: "Delete voyage.iso?" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(list).toBeFocused();
});

test("what is removed leaves the keyboard where it was", async ({ page, openMock }) => {
  await openMock("scenario=busy&clock=manual");
  const list = page.getByRole("grid", { name: "Downloads" });
  await expect(list).toBeFocused();
  await expect(page.getByRole("row").nth(6)).toBeVisible();
  const names = await namesInList(page);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expectActive(page, names[2] ?? "");
  await page.keyboard.press("Delete");
  await expectActive(page, names[3] ?? "");
  await page.keyboard.press("Delete");
  await expectActive(page, names[4] ?? "");
  await expect(page.getByRole("row", { selected: true })).toHaveCount(1);
  // More of them come into sight at the end.
  const first = async () => (await namesInList(page)).slice(0, 6);
  await expect.poll(first).toEqual(names.toSpliced(2, 2).slice(0, 6));
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(first).toEqual(names.slice(0, 6));
});

test("all of a long list is chosen, not only what is loaded of it", async ({ page, openMock }) => {
  await openMock("scenario=many&clock=manual");
  const list = page.getByRole("grid", { name: "Downloads" });
  await expect(list).toHaveAttribute("aria-rowcount", "10001");
  await page.keyboard.press("Control+a");
  await expect(page.getByText("10,000 selected")).toBeVisible();
  await page.keyboard.press("4");
  await page.keyboard.press("Control+a");
  await expect(page.getByText("6,000 selected")).toBeVisible();
});

test("keys move rows only in the order that they change", async ({ page, openMock }) => {
  await openMock("scenario=busy&clock=manual");
  await expect(page.getByRole("row").nth(6)).toBeVisible();
  const inQueue = await namesInList(page);
  const sort = page.getByRole("columnheader", { name: "Name" }).getByRole("button");
  await sort.click();
  await expect.poll(() => namesInList(page)).not.toEqual(inQueue);
  await page.locator("[data-list]").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Alt+ArrowDown");
  await expect(page.getByText("Order by queue to move rows.")).toBeVisible();
  await sort.click();
  await sort.click();
  await expect.poll(() => namesInList(page)).toEqual(inQueue);
});

test("the focus is seen wherever Tab leads", async ({ page, openMock }) => {
  await openMock("scenario=busy&clock=manual");
  await expect(page.getByRole("row").nth(3)).toBeVisible();
  await walk(page, [
    "Add",
    "Resume all",
    "Search downloads",
    "Choose columns",
    "More",
    "Downloads",
    "Settings",
  ]);
  await page.keyboard.press("Control+,");
  await expect(page.getByRole("dialog")).toBeVisible();
  await walk(page, ["Search settings", "Start when added", "A file of the same name", "Export", "Close"]);
});

/** Adds a link by keys alone. */
async function add(page: Page, url: string): Promise<void> {
  await page.keyboard.press("n");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: "Link" })).toBeFocused();
  await page.keyboard.insertText(url);
  await expect(dialog).toContainText("Can resume");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
}

/** The row that the grid says is active, as a screen reader hears it. */
async function expectActive(page: Page, name: string): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(() => {
        const active = document.activeElement?.getAttribute("aria-activedescendant");
        return document.getElementById(active ?? "")?.textContent ?? "";
      }),
    )
    .toContain(name);
}

const MOST_STOPS = 80;

/** Presses Tab once around: each stop must be in sight and marked, and all of `names` must be among them. */
async function walk(page: Page, names: readonly string[]): Promise<void> {
  const met: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press("Tab");
    const { name, fault } = await page.evaluate(() => {
      const element = document.activeElement;
      // Between the last stop and the first, the browser has it.
      if (element === null || element === document.body) return { name: "", fault: "" };
      const box = element.getBoundingClientRect();
      const marked = getComputedStyle(element).outlineStyle !== "none";
      const inSight = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right <= innerWidth + 1;
      const label = "labels" in element ? (element as HTMLInputElement).labels?.[0]?.textContent : undefined;
      return {
        name: (element.getAttribute("aria-label") ?? label ?? element.textContent ?? "").trim(),
        fault: marked ? (inSight ? "" : "out of sight") : "not marked",
      };
    });
    expect(fault, name).toBe("");
    if (name !== "" && name === met[0]) break;
    if (name !== "") met.push(name);
  }
  for (const name of names)
    expect(
      met.some((one) => one.startsWith(name)),
      `${name} in ${met}`,
    ).toBe(true);
}
