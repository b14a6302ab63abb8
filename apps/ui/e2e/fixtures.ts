import { test as base, expect } from "@playwright/test";
import { Origin, Server } from "./programs";

interface Fixtures {
  /** A server of the test's own, and the page logged in to it. */
  server: Server;
  /** Starts origins that stop with the test. */
  startOrigin: (...options: string[]) => Promise<Origin>;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  startOrigin: async ({}, use) => {
    const origins: Origin[] = [];
    await use(async (...options) => {
      const origin = await Origin.start(...options);
      origins.push(origin);
      return origin;
    });
    for (const origin of origins) origin.stop();
  },
  server: async ({ page }, use) => {
    const server = await Server.start();
    await page.goto(server.loginLink());
    await use(server);
    await server.stop();
  },
});

export { expect };
