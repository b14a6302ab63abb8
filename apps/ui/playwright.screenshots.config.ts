import { defineConfig } from "@playwright/test";
import tests from "./playwright.config";

/** The README's pictures, by `cargo xtask screenshots`. */
export default defineConfig(tests, {
  testDir: "screenshots",
  testIgnore: "window.spec.ts",
  timeout: 120_000,
});
