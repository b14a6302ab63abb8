import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { addByPaste, rowOf } from "./page";

test("settings are checked as they are typed, reset, and survive a reload", async ({ page, server }) => {
  const dialog = await openSettings(page, "Network");
  const connections = dialog.getByRole("textbox", { name: "Connections per download" });
  await expect(connections).toHaveValue("32");
  await connections.fill("8");
  const host = dialog.getByRole("textbox", { name: "Connections per host" });
  await host.fill("999");
  await expect(host).toHaveAttribute("aria-invalid", "true");
  await host.press("Tab");
  await expect(host).toHaveValue("256");

  await dialog.getByRole("combobox", { name: "Proxy" }).selectOption("This one");
  const proxy = dialog.getByRole("textbox", { name: "The proxy's address" });
  await proxy.fill("proxy");
  await expect(dialog.getByRole("alert")).toContainText("Write it as http://host:port");
  const saved = whenSaved(page, server.url, "socks5://127.0.0.1:1080");
  await proxy.fill("socks5://127.0.0.1:1080");
  await expect(dialog.getByRole("alert")).toBeHidden();
  await saved;

  await page.reload();
  await openSettings(page, "Network");
  await expect(connections).toHaveValue("8");
  await expect(host).toHaveValue("256");
  await expect(proxy).toHaveValue(/127\.0\.0\.1:1080/);

  const setting = dialog
    .locator("div.group\\/setting")
    .filter({ has: page.getByRole("textbox", { name: "Connections per download" }) });
  await setting.getByRole("button", { name: "Put back to the default" }).click();
  await expect(connections).toHaveValue("32");
  await expect(setting.getByRole("button", { name: "Put back to the default" })).toBeHidden();
  await dialog.getByRole("textbox", { name: "Search settings" }).fill("proxy");
  await expect(connections).toBeHidden();
  await expect(proxy).toBeVisible();
});

test("the page speaks Turkish and Chinese, with the engine's own names, and English again", async ({
  page,
  server,
}) => {
  expect(server.url).not.toBe("");
  const sidebar = page.getByRole("navigation").first();
  await expect(sidebar).toContainText("Disk images");
  await speak(page, "Language", "Türkçe");
  await expect(page.getByRole("dialog", { name: "Ayarlar" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(sidebar).toContainText("Disk kalıpları");
  await expect(sidebar).toContainText("Ana kuyruk");
  await expect(page.locator("html")).toHaveAttribute("lang", "tr");
  await page.reload();
  await expect(page.getByRole("button", { name: "Ekle", exact: true })).toBeVisible();

  await speak(page, "Dil", "简体中文");
  await page.keyboard.press("Escape");
  await expect(sidebar).toContainText("磁盘映像");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");

  await speak(page, "语言", "English");
  await page.keyboard.press("Escape");
  await expect(sidebar).toContainText("Disk images");
});

test("theme, density and accent are seen at once, and after a reload before anything else", async ({
  page,
  server,
  startOrigin,
}) => {
  expect(server.url).not.toBe("");
  const origin = await startOrigin("--size", "20kB");
  await addByPaste(page, `${origin.url}/note.pdf`);
  const root = page.locator("html");
  // By its place: behind a dialog nothing has a role.
  const height = async () => (await page.locator("[data-list] [data-id]").first().boundingBox())?.height;
  const dialog = await openSettings(page, "Appearance");
  for (const [name, theme] of [
    ["Light", "light"],
    ["Dark", "dark"],
    ["Light", "light"],
  ] as const) {
    await dialog.getByRole("radio", { name }).check();
    await expect(root).toHaveAttribute("data-theme", theme);
  }
  await dialog.getByRole("radio", { name: "Sea" }).check();
  await expect(root).toHaveAttribute("data-accent", "sea");
  expect(await height()).toBe(52);
  await dialog.getByRole("radio", { name: "Compact" }).check();
  await page.keyboard.press("Escape");
  await expect.poll(height).toBe(32);
  await page.reload();
  await expect(root).toHaveAttribute("data-theme", "light");
  await expect(root).toHaveAttribute("data-accent", "sea");
  await expect.poll(height).toBe(32);
});

test("the list goes out as a file and comes in again", async ({ page, server, startOrigin }) => {
  expect(server.url).not.toBe("");
  const origin = await startOrigin("--size", "20kB");
  await addByPaste(page, `${origin.url}/note.pdf`);
  const row = rowOf(page, "note.pdf");
  await expect(row).toContainText("Finished");

  const dialog = await openSettings(page, "General");
  const leaving = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Export" }).click();
  const file = await (await leaving).path();
  const text = await readFile(file, "utf8");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await row.click();
  await page.keyboard.press("Delete");
  await expect(row).toBeHidden();

  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Import a list" }).click();
  await (await choosing).setFiles({
    name: "list.json",
    mimeType: "application/json",
    buffer: Buffer.from(text),
  });
  await expect(page.getByText("1 download imported.").first()).toBeVisible();
  await expect(row).toBeVisible();

  const wrong = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Import a list" }).click();
  await (await wrong).setFiles({ name: "a.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await expect(page.getByText("This is not a list that Gannet exported.").first()).toBeVisible();
});

async function openSettings(page: Page, section: string): Promise<Locator> {
  await expect(page.locator("[data-list]")).toBeVisible();
  await page.keyboard.press("Control+,");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: section, exact: true }).click();
  return dialog;
}

/** Chooses a language, whatever the page speaks now. */
async function speak(page: Page, label: string, language: string): Promise<void> {
  await expect(page.locator("[data-list]")).toBeVisible();
  await page.keyboard.press("Control+,");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("navigation").getByRole("button").nth(5).click();
  await dialog.getByRole("combobox", { name: label }).selectOption(language);
}

/** Resolves once the engine has taken in a change that says `part`. */
async function whenSaved(page: Page, url: string, part: string): Promise<void> {
  await page.waitForResponse(
    (response) =>
      response.url() === `${url}/api/command` && (response.request().postData()?.includes(part) ?? false),
  );
}
