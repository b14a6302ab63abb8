import { defineConfig } from "@playwright/test";
import tests from "./playwright.desktop.config";

/** The README's pictures of the real window, by `cargo xtask screenshots`. */
export default defineConfig(tests, { testDir: "screenshots", testMatch: "window.spec.ts" });
