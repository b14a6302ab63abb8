import { defineConfig } from "@playwright/test";

/** The real window: Playwright only runs the tests, WebDriver drives them. */
export default defineConfig({
  testDir: "e2e-desktop",
  // There is one screen.
  workers: 1,
  fullyParallel: false,
  // A test that passes only the second time hides a fault.
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  outputDir: "test-results/desktop",
});
