import { expect, type Page } from "@playwright/test";
import type { MockTransport } from "../src/transport/mock";
import { paste } from "./page";

/** A screen of the page, over the simulated engine. */
export interface Screen {
  name: string;
  scenario: "busy" | "empty" | "awful" | "failures";
  /** Leads there, from the list. */
  open(page: Page): Promise<void>;
  /** It hears no more of the settings once it is open. */
  deaf?: true;
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

/** With a key pressed at the first row, which the keyboard reaches at every width. */
const atFirst =
  (...keys: string[]) =>
  async (page: Page) => {
    await expect(page.getByRole("row").nth(1)).toBeVisible();
    await page.locator("[data-list]").focus();
    for (const key of ["Home", ...keys]) await page.keyboard.press(key);
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
  { name: "rename", scenario: "busy", open: dialog(atFirst("F2")) },
  { name: "delete", scenario: "busy", open: dialog(atFirst("Control+a", "Shift+Delete")) },
  {
    name: "limit",
    scenario: "busy",
    open: dialog(async (page) => {
      await atFirst()(page);
      await command("Limit the speed")(page);
    }),
  },
  {
    name: "folders",
    scenario: "busy",
    // The browser is a dialog in the dialog.
    open: async (page) => {
      await atFirst()(page);
      await command("Move to another folder")(page);
      await page
        .getByRole("dialog")
        .getByRole("button", { name: /^Folder/ })
        .click();
      await expect(page.getByRole("button", { name: "Use this folder" })).toBeVisible();
    },
  },
  {
    name: "sign in",
    scenario: "failures",
    open: dialog(async (page) => {
      await selectRow(page, "colony-survey-0014");
      await page.getByRole("button", { name: "Sign in" }).last().click();
    }),
  },
  {
    name: "several chosen",
    scenario: "busy",
    open: async (page) => {
      await atFirst("Control+a")(page);
      await expect(page.getByText(/\d+ selected$/)).toBeVisible();
    },
  },
  {
    name: "toasts",
    scenario: "busy",
    open: async (page) => {
      await atFirst("Delete")(page);
      await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
    },
  },
  {
    name: "connection lost",
    scenario: "busy",
    deaf: true,
    open: async (page) => {
      await page.evaluate(() =>
        (globalThis as unknown as { gannetMock: MockTransport }).gannetMock.setConnection("lost"),
      );
      await expect(page.locator(".connection-strip")).toBeVisible();
    },
  },
  {
    name: "another version",
    scenario: "busy",
    deaf: true,
    open: async (page) => {
      await page.evaluate(() => {
        const mock = (globalThis as unknown as { gannetMock: MockTransport }).gannetMock;
        mock.replay({ kind: "state", sequence: 1, state: { ...mock.engine.state(), schema_version: 0 } });
      });
      await expect(page.locator(".connection-strip").getByRole("button")).toBeVisible();
    },
  },
  {
    name: "menu of a row",
    scenario: "busy",
    open: async (page) => {
      await page.getByRole("row").nth(2).click({ button: "right" });
      await expect(page.getByRole("menu")).toBeVisible();
    },
  },
  {
    name: "columns",
    scenario: "busy",
    open: async (page) => {
      const columns = page.getByRole("button", { name: "Choose columns" });
      // On a phone there are none to choose.
      if (await columns.isHidden()) return;
      await columns.click();
      await expect(page.getByRole("menu")).toBeVisible();
    },
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
