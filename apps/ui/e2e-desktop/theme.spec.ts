import { type App, until } from "./app";
import { test } from "./machine";

const DARK = 1;
const LIGHT = 2;

/** What the page lies on, by what is seen of it. */
const surface = (app: App) => () => app.page.run(() => getComputedStyle(document.body).backgroundColor);

test("page and window become dark and light with the system, and stay so at the next start", async ({
  app,
  machine,
}) => {
  machine.scheme(LIGHT);
  const isDark = () => app.page.run(() => matchMedia("(prefers-color-scheme: dark)").matches);
  await until(isDark).toBe(false);
  const light = await surface(app)();
  machine.scheme(DARK);
  await until(isDark).toBe(true);
  await until(surface(app)).not.toBe(light);
  const dark = await surface(app)();

  await app.kill();
  await app.run();
  await until(surface(app)).toBe(dark);
  machine.scheme(LIGHT);
  await until(surface(app)).toBe(light);
});

test("what the person chose goes before what the system says", async ({ app, machine }) => {
  // What the page is like, and what the webview is told, which the window's frame goes by too.
  const seen = () =>
    app.page.run(() => [
      document.documentElement.dataset.theme,
      matchMedia("(prefers-color-scheme: dark)").matches,
    ]);
  machine.scheme(DARK);
  await until(seen).toEqual(["dark", true]);
  await app.set({ appearance: { theme: "light" } });
  await until(seen).toEqual(["light", false]);
  machine.scheme(LIGHT);
  await app.set({ appearance: { theme: "dark" } });
  await until(seen).toEqual(["dark", true]);
  await app.set({ appearance: { theme: "system" } });
  await until(seen).toEqual(["light", false]);
});
