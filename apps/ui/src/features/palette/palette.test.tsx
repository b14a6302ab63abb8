import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { COMMANDS } from "@/commands/table";
import { useShortcuts } from "@/commands/use-commands";
import { draw } from "@/dialogs/for-tests";
import { closeDialog, useDialogs } from "@/dialogs/store";
import { useUi } from "@/stores/ui";
import { KeySheet } from "./key-sheet";
import { Palette } from "./palette";

afterEach(() => {
  cleanup();
  closeDialog();
  useUi.setState({ selection: new Set() });
});

function Keys() {
  useShortcuts();
  return <input aria-label="field" />;
}

describe("the palette", () => {
  it("runs what Enter is pressed on", async () => {
    const user = userEvent.setup();
    const close = vi.fn();
    const { of } = draw(<Palette onClose={close} />);
    await user.type(await screen.findByRole("combobox"), "pause all{Enter}");
    expect(close).toHaveBeenCalled();
    await waitFor(() => expect(of("pause_all")).toHaveLength(1));
  });

  it("offers what is about a selection only where there is one", async () => {
    draw(<Palette onClose={() => {}} />);
    await screen.findByRole("combobox");
    expect(screen.queryByText("Rename")).toBeNull();
    cleanup();
    useUi.setState({ selection: new Set([1]) });
    draw(<Palette onClose={() => {}} />);
    expect(await screen.findByText("Rename")).toBeTruthy();
  });

  it("finds downloads and shows them in the list", async () => {
    const user = userEvent.setup();
    draw(<Palette onClose={() => {}} />);
    await user.type(await screen.findByRole("combobox"), "kestrel");
    const [found] = await screen.findAllByText(/Kestrel/);
    await user.click(found as HTMLElement);
    expect(useUi.getState().selection.size).toBe(1);
  });
});

describe("keys", () => {
  it("work on the page and not in a field", async () => {
    draw(<Keys />);
    fireEvent.keyDown(screen.getByLabelText("field"), { key: "n" });
    expect(useDialogs.getState().shown).toBeNull();
    fireEvent.keyDown(document.body, { key: "n" });
    expect(useDialogs.getState().shown).toEqual({ kind: "add", text: "" });
    fireEvent.keyDown(screen.getByLabelText("field"), { key: "k", ctrlKey: true });
    expect(useDialogs.getState().shown).toEqual({ kind: "palette" });
  });

  it("are all on the sheet, and none means two things on the page", async () => {
    draw(<KeySheet onClose={() => {}} />);
    expect(await screen.findByText("Command palette")).toBeTruthy();
    const heard = COMMANDS.filter(({ heardBy, run }) => heardBy === "page" && run).map(({ keys }) => keys);
    expect(new Set(heard).size).toBe(heard.length);
    expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
  });
});
