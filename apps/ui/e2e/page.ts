import { expect, type Locator, type Page } from "@playwright/test";
import type { Command, NewDownload, Reply } from "../src/generated";
import type { Server } from "./programs";

/** Pastes a text anywhere on the page. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  }, text);
}

/** Pastes a link anywhere on the page, and starts it. */
export async function addByPaste(page: Page, url: string): Promise<void> {
  await paste(page, url);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Can resume");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
}

export function rowOf(page: Page, name: string): Locator {
  return page.getByRole("row").filter({ hasText: name });
}

/** The share in per cent that a row shows. */
export async function shareOf(row: Locator): Promise<number> {
  return Number((await row.textContent())?.match(/(\d+)\s?%/)?.[1] ?? Number.NaN);
}

/** The names in the list, from top to bottom. */
export function namesInList(page: Page): Promise<string[]> {
  return page
    .locator("[data-list] [data-id]")
    .evaluateAll((rows) =>
      rows
        .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((row) => row.querySelector("bdi")?.textContent ?? ""),
    );
}

/** Asks the engine as the page does, with its session. */
export async function order(page: Page, server: Server, command: Command): Promise<Reply> {
  const answer = await page.request.post(`${server.url}/api/command`, {
    data: command,
    headers: { Origin: server.url },
  });
  const reply = (await answer.json()) as Reply;
  expect(reply.kind).not.toBe("failed");
  return reply;
}

/** A download with everything as it is when nobody says otherwise. */
export function newDownload(url: string, given: Partial<NewDownload> = {}): NewDownload {
  return {
    url,
    mirrors: [],
    name: null,
    folder: null,
    category: null,
    queue: null,
    start: { kind: "in_turn" },
    checksums: [],
    connections: null,
    limit_bytes_per_s: null,
    options: {
      headers: [],
      cookies: null,
      referer: null,
      credentials: null,
      proxy: null,
      user_agent: null,
    },
    ticket: null,
    replace: false,
    ...given,
  };
}
