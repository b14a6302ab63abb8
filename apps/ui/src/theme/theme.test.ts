import { afterEach, describe, expect, it, vi } from "vitest";
import { applyAppearance, followSystemTheme, themeShown } from "./theme";

const root = document.documentElement;

function systemIs(theme: "light" | "dark") {
  const listeners = new Set<() => void>();
  const media = {
    matches: theme === "dark",
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  };
  vi.stubGlobal("matchMedia", () => media);
  return {
    turn(next: "light" | "dark") {
      media.matches = next === "dark";
      for (const listener of listeners) listener();
    },
    listeners,
  };
}

afterEach(() => vi.unstubAllGlobals());

describe("the theme", () => {
  it("is shown and kept for the first paint of the next visit", () => {
    systemIs("light");
    applyAppearance({ theme: "dark", accent: "kelp", density: "compact" });
    expect({ ...root.dataset }).toMatchObject({ theme: "dark", accent: "kelp", density: "compact" });
    expect(JSON.parse(localStorage.getItem("gannet.appearance") ?? "")).toEqual({
      theme: "dark",
      accent: "kelp",
      density: "compact",
    });
  });

  it("follows the system while that is what was chosen, and no longer", () => {
    const system = systemIs("light");
    const stop = followSystemTheme();
    applyAppearance({ theme: "system", accent: "gold", density: "comfortable" });
    expect(root.dataset.theme).toBe("light");
    system.turn("dark");
    expect(root.dataset.theme).toBe("dark");
    applyAppearance({ theme: "light", accent: "gold", density: "comfortable" });
    system.turn("dark");
    expect(themeShown()).toBe("light");
    expect(root.dataset.theme).toBe("light");
    stop();
    expect(system.listeners.size).toBe(0);
  });
});
