import { defineConfig } from "@playwright/test";
import tests from "./playwright.config";

/** The README's pictures, by `cargo xtask screenshots`. */
export default defineConfig(tests, { testDir: "screenshots", timeout: 120_000 });
