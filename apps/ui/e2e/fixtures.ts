import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";
import { Door, Origin, Server } from "./programs";

interface Fixtures {
  /** A server of the test's own, and the page logged in to it. */
  server: Server;
  /** Starts origins that stop with the test. */
  startOrigin: (...options: string[]) => Promise<Origin>;
  /** Opens ways to origins that can be shut. */
  openDoor: (origin: Origin) => Promise<Door>;
  /** Opens the page over the simulated engine, whose states are at hand: `scenario=many&clock=manual`. */
  openMock: (query: string) => Promise<void>;
}

/** Answered from the folder that `vite build --mode mock` wrote: no server is needed for it. */
const MOCK_HOST = "http://mock.localhost";
const MOCK_FILES = fileURLToPath(new URL("../dist-mock", import.meta.url));

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
  // biome-ignore lint/correctness/noEmptyPattern: as above
  openDoor: async ({}, use) => {
    const doors: Door[] = [];
    await use(async (origin) => {
      const door = await Door.open(origin);
      doors.push(door);
      return door;
    });
    for (const door of doors) door.stop();
  },
  openMock: async ({ page }, use) => {
    await page.route(`${MOCK_HOST}/**`, (route) =>
      route.fulfill({ path: join(MOCK_FILES, new URL(route.request().url()).pathname) }),
    );
    await use(async (query) => {
      await page.goto(`${MOCK_HOST}/mock.html?${query}`);
    });
  },
  server: async ({ page }, use) => {
    const server = await Server.start();
    await page.goto(server.loginLink());
    await use(server);
    await server.stop();
  },
});

export { expect };
