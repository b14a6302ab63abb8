import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { namesInList, newDownload, order, rowOf } from "./page";
import type { Server } from "./programs";

/** Nobody listens there; nothing is asked of it while everything is paused. */
const NOWHERE = "http://127.0.0.1:9";
const NAMES = ["first.iso", "second.iso", "third.iso"];

test.beforeEach(async ({ page, server }) => {
  await order(page, server, {
    action: "add",
    downloads: NAMES.map((name) => newDownload(`${NOWHERE}/${name}`, { start: { kind: "paused" } })),
    duplicates: "add",
  });
  await expect.poll(() => namesInList(page)).toEqual(NAMES);
});

test("rows are dragged to another place, and onto a queue", async ({ page, server }) => {
  await rowOf(page, "third.iso").dragTo(rowOf(page, "first.iso"), { targetPosition: { x: 80, y: 4 } });
  await expect.poll(() => namesInList(page)).toEqual(["third.iso", "first.iso", "second.iso"]);

  await addQueue(page, server, "Weekend");
  const queue = page.getByRole("button", { name: /^Weekend/ });
  await rowOf(page, "first.iso").dragTo(queue);
  await expect(queue).toContainText("1");
  await queue.click();
  await expect.poll(() => namesInList(page)).toEqual(["first.iso"]);
  await page.reload();
  await page.getByRole("button", { name: /^Main/ }).click();
  await expect.poll(() => namesInList(page)).toEqual(["third.iso", "second.iso"]);
});

test("rows are moved by keys too", async ({ page }) => {
  await rowOf(page, "first.iso").click();
  await page.keyboard.press("Alt+ArrowDown");
  await expect.poll(() => namesInList(page)).toEqual(["second.iso", "first.iso", "third.iso"]);
});

test("a view that begins with nothing in it says so", async ({ page }) => {
  const words = page.getByText("Nothing has failed.");
  await page.keyboard.press("5");
  await expect(words).toBeVisible();
  await page.reload();
  await expect(words).toBeVisible();
});

test("a link that is dropped on the window begins an add", async ({ page }) => {
  const holding = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.setData("text/uri-list", "http://127.0.0.1:9/dropped.iso");
    return data;
  });
  const body = page.locator("body");
  await body.dispatchEvent("dragenter", { dataTransfer: holding });
  await expect(page.getByText("Drop to download")).toBeVisible();
  await body.dispatchEvent("dragover", { dataTransfer: holding });
  await body.dispatchEvent("drop", { dataTransfer: holding });
  await expect(page.getByText("Drop to download")).toBeHidden();
  const dialog = page.getByRole("dialog", { name: "Add a download" });
  await expect(dialog.getByRole("textbox", { name: "Link" })).toHaveValue("http://127.0.0.1:9/dropped.iso");
});

test("a list that is dropped on the window is read, ticked and added", async ({ page, startOrigin }) => {
  const origin = await startOrigin("--size", "40kB");
  const text = ["one.pdf", "two.pdf", "three.pdf"].map((name) => `${origin.url}/${name}`).join("\n");
  const holding = await page.evaluateHandle((links) => {
    const data = new DataTransfer();
    data.items.add(new File([links], "links.txt", { type: "text/plain" }));
    return data;
  }, text);
  await page.locator("body").dispatchEvent("drop", { dataTransfer: holding });
  const dialog = page.getByRole("dialog", { name: /^Add (3|2) downloads$/ });
  await dialog.getByRole("option", { name: /two\.pdf/ }).click();
  await expect(dialog).toContainText("2 of 3 chosen");
  await dialog.getByRole("button", { name: "Start all" }).click();
  await expect(dialog).toBeHidden();
  for (const name of ["one.pdf", "three.pdf"]) await expect(rowOf(page, name)).toContainText("Finished");
  await expect(rowOf(page, "two.pdf")).toHaveCount(0);
});

test("a limit of its own is chosen from a row's menu, or written", async ({ page }) => {
  const row = rowOf(page, "second.iso");
  const openLimits = async () => {
    await row.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Limit the speed" }).click();
  };
  await openLimits();
  await expect(page.getByRole("menuitemradio", { name: "No limit" })).toHaveAttribute("aria-checked", "true");
  await page.getByRole("menuitemradio", { name: "2.0 MB/s" }).click();
  await expect(page.getByRole("menu")).toHaveCount(0);
  await page.reload();
  await openLimits();
  await expect(page.getByRole("menuitemradio", { name: "2.0 MB/s" })).toHaveAttribute("aria-checked", "true");

  await page.getByRole("menuitem", { name: "Another limit" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").first().fill("3.5");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await openLimits();
  await expect(page.getByRole("menuitemradio", { name: "3.5 MB/s" })).toHaveAttribute("aria-checked", "true");
});

test("a column and the details keep the size that they were given", async ({ page }) => {
  const column = page.getByRole("columnheader", { name: "Size" });
  const handle = page.getByRole("separator", { name: "Width of Size" });
  const width = async () => Math.round((await column.boundingBox())?.width ?? 0);
  const before = await width();
  await pull(page, handle, { x: -40, y: 0 });
  await expect.poll(width).toBe(before + 40);
  await handle.press("ArrowRight");
  await expect.poll(width).toBe(before + 24);

  await rowOf(page, "first.iso").dblclick();
  const detail = page.getByRole("region", { name: "Details of first.iso" });
  const height = async () => Math.round((await detail.boundingBox())?.height ?? 0);
  await expect(detail).toBeVisible();
  const low = await height();
  const edge = page.getByRole("separator", { name: "Height of the details" });
  await pull(page, edge, { x: 0, y: -80 });
  await expect.poll(height).toBe(low + 80);
  await edge.press("ArrowDown");
  await expect.poll(height).toBe(low + 56);

  await page.reload();
  await expect.poll(width).toBe(before + 24);
  await rowOf(page, "first.iso").click();
  await expect.poll(height).toBe(low + 56);
});

async function addQueue(page: Page, server: Server, name: string): Promise<void> {
  await order(page, server, {
    action: "add_queue",
    queue: {
      id: 0,
      name,
      running: true,
      at_once: 1,
      limit_bytes_per_s: null,
      schedule: null,
      retries: 1,
      when_done: "nothing",
    },
  });
}

async function pull(page: Page, handle: Locator, by: { x: number; y: number }): Promise<void> {
  const box = await handle.boundingBox();
  if (!box) throw new Error("the handle is not there");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by.x, y + by.y, { steps: 4 });
  await page.mouse.up();
}
