import { expect, test } from "./fixtures";

/** The files of parts that are loaded later; what the page itself is made of came already. */
const PARTS = /\/assets\/(settings-dialog|palette|panel|remedies|key-sheet)-[^/]*\.js$/;

test("a part of the page that does not come takes nothing with it, and comes the next time", async ({
  page,
  openMock,
}) => {
  let there = false;
  await openMock("scenario=busy");
  await page.route(PARTS, (route) => (there ? route.fallback() : route.abort("connectionrefused")));
  const list = page.getByRole("grid", { name: "Downloads" });
  await expect(list).toBeFocused();
  await page.keyboard.press("Control+,");
  await expect(page.getByRole("alert")).toContainText("This part of the page");
  await expect(list).toBeVisible();
  // The details are another one.
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(list).toBeVisible();

  there = true;
  await page.keyboard.press("Control+,");
  await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
});

test("what is loaded later is there once the page rests, and needs nobody then", async ({
  page,
  openMock,
}) => {
  const came = new Set<string>();
  page.on("response", (response) => came.add(PARTS.exec(new URL(response.url()).pathname)?.[1] ?? ""));
  await openMock("scenario=busy");
  await expect
    .poll(() =>
      [...came]
        .filter((name) => name !== "")
        .toSorted()
        .join(" "),
    )
    .toContain("settings-dialog");
  await page.route("**/*", (route) => route.abort("connectionrefused"));
  await page.keyboard.press("Control+,");
  await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
});
