import { expect, type Page } from "@playwright/test";
import { paste } from "./page";

/** A screen of the page, over the simulated engine. */
export interface Screen {
  name: string;
  scenario: "busy" | "empty" | "awful" | "failures";
  /** Leads there, from the list. */
  open(page: Page): Promise<void>;
}

const nothing = async () => {};

const dialog = (open: (page: Page) => Promise<void>) => async (page: Page) => {
  await open(page);
  await expect(page.getByRole("dialog")).toBeVisible();
};

const settings = (place: number) =>
  dialog(async (page) => {
    await page.keyboard.press("Control+,");
    await page.getByRole("dialog").getByRole("navigation").getByRole("button").nth(place).click();
  });

const typeInPalette = async (page: Page, text: string) => {
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type(text);
};

/** From the palette, which is there at every width. */
const command = (name: string) => async (page: Page) => {
  await typeInPalette(page, name);
  await expect(page.getByRole("option", { name }).first()).toBeVisible();
  await page.keyboard.press("Enter");
};

const selectRow = async (page: Page, name: string) => {
  await typeInPalette(page, name);
  await page
    .getByRole("option", { name: new RegExp(name) })
    .first()
    .click();
  // Its part of the page is loaded when it is first wanted.
  await expect(page.getByRole("tab", { name: /Connections/ })).toBeVisible();
};

/** The sidebar is over the list where there is no room beside it. */
const drawer = async (page: Page) => {
  const open = page.getByRole("button", { name: "Show the sidebar" });
  if (await open.isVisible()) await open.click();
  await expect(page.getByRole("navigation", { name: "Which downloads are shown" })).toBeVisible();
};

/** Every screen that there is. */
export const SCREENS: readonly Screen[] = [
  { name: "list", scenario: "busy", open: nothing },
  { name: "empty list", scenario: "empty", open: nothing },
  { name: "awful names", scenario: "awful", open: nothing },
  { name: "failures", scenario: "failures", open: nothing },
  { name: "sidebar", scenario: "busy", open: drawer },
  { name: "detail", scenario: "busy", open: (page) => selectRow(page, "ubuntu") },
  {
    name: "detail, sources",
    scenario: "busy",
    open: async (page) => {
      await selectRow(page, "planet");
      await page.getByRole("tab", { name: /Sources/ }).click();
    },
  },
  {
    name: "detail, log",
    scenario: "busy",
    open: async (page) => {
      await selectRow(page, "llama");
      await page.getByRole("tab", { name: /Log/ }).click();
    },
  },
  {
    name: "add",
    scenario: "busy",
    open: dialog(async (page) => {
      await paste(page, "https://example.org/albatross.iso");
      await expect(page.getByRole("dialog")).toContainText("Can resume");
      await page.getByRole("button", { name: "More options" }).click();
      await expect(page.getByLabel("Referring page")).toBeVisible();
    }),
  },
  {
    name: "add, empty",
    scenario: "busy",
    open: dialog((page) => page.keyboard.press("n")),
  },
  {
    name: "add, many",
    scenario: "busy",
    open: dialog(async (page) => {
      await paste(page, "https://example.org/albatross-part[01-20].zip");
      await expect(page.getByRole("listbox")).toBeVisible();
    }),
  },
  { name: "settings, general", scenario: "busy", open: settings(0) },
  { name: "settings, folders", scenario: "busy", open: settings(1) },
  { name: "settings, network", scenario: "busy", open: settings(2) },
  { name: "settings, queues", scenario: "busy", open: settings(3) },
  { name: "settings, integrity", scenario: "busy", open: settings(4) },
  { name: "settings, appearance", scenario: "busy", open: settings(5) },
  { name: "settings, about", scenario: "busy", open: settings(6) },
  { name: "palette", scenario: "busy", open: dialog((page) => page.keyboard.press("Control+k")) },
  { name: "shortcuts", scenario: "busy", open: dialog((page) => page.keyboard.press("?")) },
  { name: "quit", scenario: "busy", open: dialog(command("Quit Gannet")) },
  {
    name: "mirror",
    scenario: "busy",
    open: dialog(async (page) => {
      await selectRow(page, "planet");
      await page.getByRole("tab", { name: /Sources/ }).click();
      await page.getByRole("button", { name: "Add a mirror" }).click();
      await expect(page.getByLabel("Link to the same file")).toBeVisible();
    }),
  },
  {
    name: "new link",
    scenario: "failures",
    open: dialog((page) =>
      page
        .getByRole("button", { name: /new link/i })
        .first()
        .click(),
    ),
  },
  {
    name: "menu",
    scenario: "busy",
    open: async (page) => {
      await page.getByRole("button", { name: "More" }).first().click();
      await expect(page.getByRole("menu")).toBeVisible();
    },
  },
];
