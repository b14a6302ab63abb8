import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test as base, expect, until } from "./app";

/** A server that lets every page have what it serves, and notes down what it was asked for. */
interface Elsewhere {
  address: string;
  script: string;
  open: string;
  asked(): readonly (string | undefined)[];
}

const test = base.extend<{ elsewhere: Elsewhere }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  elsewhere: async ({}, use) => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, answer) => {
      asked.push(url);
      answer.writeHead(200, { "content-type": "text/javascript", "access-control-allow-origin": "*" });
      answer.end("globalThis.elsewhereRan = true");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await use({ address, script: `${address}/script.js`, open: `${address}/open`, asked: () => asked });
    server.closeAllConnections();
    server.close();
  },
});

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

test("the page goes nowhere else, and takes nothing from elsewhere", async ({ app, elsewhere }) => {
  const home = await app.page.url();
  await app.page.run((address) => {
    location.href = address;
  }, elsewhere.script);
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
    return [await script, "inlineRan" in globalThis];
  }, elsewhere.script);
  expect(refused).toEqual(["script refused", false]);
  expect(await app.page.url()).toBe(home);
  expect(elsewhere.asked()).toEqual([]);
});

test("the page asks nobody but the shell, however willing others are", async ({ app, elsewhere }) => {
  // Here, where nothing forbids it, anybody may ask.
  expect((await fetch(elsewhere.open)).headers.get("access-control-allow-origin")).toBe("*");
  const { fetched, violated } = await app.page.run(async (address) => {
    const violations: string[] = [];
    const note = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) =>
      violations.push(`${effectiveDirective} ${blockedURI}`);
    document.addEventListener("securitypolicyviolation", note);
    const fetched = await fetch(address).then(
      () => "fetched",
      () => "refused",
    );
    // Told in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve));
    document.removeEventListener("securitypolicyviolation", note);
    return { fetched, violated: violations };
  }, elsewhere.open);
  expect(fetched).toBe("refused");
  expect(violated).toEqual([expect.stringMatching(`^connect-src ${elsewhere.address}`)]);
  expect(elsewhere.asked()).toEqual(["/open"]);
});

test("the page opens no window, whatever is clicked in it", async ({ app, elsewhere }) => {
  const windows = () => execFileSync("xwininfo", ["-root", "-tree"], { encoding: "utf8" });
  const ours = () => windows().match(/\("gannet-desktop" "Gannet-desktop"\)/g)?.length;
  const before = ours();
  expect(before).toBeGreaterThan(0);
  for (const address of [elsewhere.open, "desktop.html", "about:blank"]) {
    // Without a click the webview lets no page open one, whoever it is.
    await app.page.run((address) => {
      document.querySelector("#opens")?.remove();
      const button = document.createElement("button");
      button.id = "opens";
      button.textContent = "Open it";
      button.style.cssText = "position: fixed; inset: 0; z-index: 1000";
      button.onclick = () => {
        button.dataset.opened = String(window.open(address));
      };
      document.body.append(button);
    }, address);
    await app.press("Open it");
    const opened = () => app.page.run(() => document.querySelector<HTMLElement>("#opens")?.dataset.opened);
    await until(opened).toBe("null");
  }
  expect(ours()).toBe(before);
  expect(elsewhere.asked()).toEqual([]);
});
