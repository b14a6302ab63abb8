import { execFileSync } from "node:child_process";
import { test, until } from "./app";
import { Desk } from "./desk";
import { xdotool } from "./screen";

test("a window in the task bar comes to the front with the keyboard, where the program is started again", async ({
  app,
}) => {
  const desk = await Desk.layWithoutTray();
  try {
    // A window manager that just came takes over the windows that are there one after the other.
    await until(async () => desk.place("Gannet")).toBeDefined();
    const id = xdotool("search", "--onlyvisible", "--name", "^Gannet$");
    const state = () => execFileSync("xprop", ["-id", id, "_NET_WM_STATE"], { encoding: "utf8" });
    xdotool("windowminimize", id);
    await until(async () => state()).toContain("_NET_WM_STATE_HIDDEN");
    app.startAgain();
    await until(async () => xdotool("getactivewindow")).toBe(id);
    await until(async () => state()).not.toContain("_NET_WM_STATE_HIDDEN");
  } finally {
    await desk.clear();
  }
});
