import { expect, test } from "./app";

/** Tries to call something of the shell, as a script that got into the page would. */
function call(command: string): Promise<string> {
  const internals = Reflect.get(globalThis, "__TAURI_INTERNALS__");
  return internals.invoke(command, {}).then(
    () => "carried out",
    (error: unknown) => `refused: ${error}`,
  );
}

test("the page can call nothing that is not on the list", async ({ app }) => {
  for (const command of [
    "plugin:window|close",
    "plugin:webview|create_webview_window",
    "plugin:event|listen",
    "plugin:path|resolve_directory",
    "plugin:app|version",
    "plugin:shell|execute",
    "no_such_command",
  ])
    expect(await app.page.run(call, command), command).toContain("refused");
  expect(await app.page.run(() => "__TAURI__" in globalThis)).toBe(false);
});

test("the page goes nowhere else, and takes nothing from elsewhere", async ({ app, startOrigin }) => {
  const origin = await startOrigin("--size", "4kB");
  const home = await app.page.url();
  const elsewhere = `${origin.url}/elsewhere.html`;

  await app.page.run((address) => {
    location.href = address;
  }, elsewhere);
  await app.page.run((address) => window.open(address) === null, elsewhere);
  const refused = await app.page.run(async (address) => {
    const script = new Promise<string>((resolve) => {
      const element = document.createElement("script");
      element.onload = () => resolve("script ran");
      element.onerror = () => resolve("script refused");
      element.src = address;
      document.head.append(element);
    });
    const inline = document.createElement("script");
    inline.textContent = "globalThis.inlineRan = true";
    document.head.append(inline);
    const fetched = fetch(address).then(
      () => "fetched",
      () => "fetch refused",
    );
    return [await script, await fetched, "inlineRan" in globalThis];
  }, elsewhere);
  expect(refused).toEqual(["script refused", "fetch refused", false]);
  expect(await app.page.url()).toBe(home);
});
