import { act, cleanup, fireEvent } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { draw } from "@/dialogs/for-tests";
import { closeDialog, openDialog, useDialogs } from "@/dialogs/store";
import { useShortcuts } from "./use-commands";

function Page() {
  useShortcuts();
  return null;
}

const press = (key: string) => fireEvent.keyDown(window, { key, ctrlKey: true });
const shown = () => useDialogs.getState().shown;

afterEach(() => {
  act(closeDialog);
  cleanup();
});

describe("the page's keys", () => {
  it.each(["k", ","])("take nothing away that somebody is filling in (Ctrl+%s)", (key) => {
    draw(<Page />);
    for (const kind of ["add", "rename"] as const) {
      const dialog = kind === "add" ? { kind, text: "https://example.org/a.iso" } : { kind, id: 1 };
      act(() => openDialog(dialog));
      // Nor does the browser do something of its own.
      expect(press(key)).toBe(false);
      expect(shown()).toBe(dialog);
    }
  });

  it("open a dialog over nothing, and in place of one that holds nothing", () => {
    draw(<Page />);
    press("k");
    expect(shown()).toEqual({ kind: "palette" });
    press(",");
    expect(shown()).toEqual({ kind: "settings" });
    press("k");
    expect(shown()).toEqual({ kind: "palette" });
  });
});
