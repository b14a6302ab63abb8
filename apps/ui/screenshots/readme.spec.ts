import { fileURLToPath } from "node:url";
import { expect, test } from "../e2e/fixtures";
import { newDownload, order, paste } from "../e2e/page";
import type { Origin } from "../e2e/programs";
import type { NewDownload } from "../src/generated";

/** Where the README takes them from. */
const picture = (name: string) => fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url));

test.use({ viewport: { width: 1440, height: 900 } });

test("downloads at work, in both themes", async ({ page, server, startOrigin }) => {
  const wide = await startOrigin("--size", "2400MB", "--rate-per-connection", "1800kB", "--slow-every", "9");
  const narrow = await startOrigin(
    "--size",
    "2GB",
    "--rate-per-connection",
    "600kB",
    "--max-connections",
    "6",
  );
  const small = await startOrigin("--size", "18MB", "--digest", "repr-sha256");
  await order(page, server, {
    action: "add",
    downloads: [
      download(small, "annual-report.pdf"),
      download(small, "field-recordings.flac"),
      download(small, "colony-survey.tar.zst"),
    ],
    duplicates: "add",
  });
  await expect(page.getByRole("row").filter({ hasText: "Finished" })).toHaveCount(3);
  await order(page, server, {
    action: "add",
    downloads: [
      { ...download(narrow, "planet-latest.osm.pbf"), connections: 6 },
      download(wide, "debian-13.3.0-amd64-DVD-1.iso"),
      {
        ...download(small, "old-backup.zip"),
        url: "http://127.0.0.1:9/old-backup.zip",
        name: "old-backup.zip",
      },
    ],
    duplicates: "add",
  });
  const row = page.getByRole("row").filter({ hasText: "debian-13.3.0" });
  await expect(row).toContainText("32 connections");
  await row.dblclick();
  // Until the map and the chart have something to show.
  await expect(row.getByText(/^(3[89]|[4-9]\d)%$/)).toBeVisible({ timeout: 100_000 });
  for (const theme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.screenshot({ path: picture(`downloads-${theme}`) });
  }
});

test("a link, and what it leads to", async ({ page, server, startOrigin }) => {
  const origin = await startOrigin(
    "--size",
    "4200MB",
    "--digest",
    "repr-sha256",
    "--rate-per-connection",
    "1MB",
  );
  await page.emulateMedia({ colorScheme: "dark" });
  expect(server.url).not.toBe("");
  await paste(page, `${origin.url}/debian-13.3.0-amd64-DVD-1.iso`);
  await expect(page.getByRole("dialog")).toContainText("Can resume");
  await page.screenshot({ path: picture("add-dark") });
});

function download(origin: Origin, name: string): NewDownload {
  return newDownload(`${origin.url}/${name}`);
}
