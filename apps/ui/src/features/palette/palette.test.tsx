import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { COMMANDS, commandsOn } from "@/commands/table";
import { useRun, useShortcuts } from "@/commands/use-commands";
import { draw } from "@/dialogs/for-tests";
import { closeDialog, useDialogs } from "@/dialogs/store";
import { LIST_KEYS, SELECTION_KEYS } from "@/features/downloads/list/use-grid-keys";
import { keyLabels } from "@/lib/keys";
import { useEngine } from "@/stores/engine";
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

function Run({ id }: { id: string }) {
  const run = useRun();
  return <button type="button" aria-label={id} onClick={() => run(id)} />;
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

describe("commands on what is chosen", () => {
  it("keep the rows' own order, whatever order they were chosen in", async () => {
    const { of } = draw(<Run id="first" />);
    const inOrder = [...useEngine.getState().rows.values()]
      .sort((one, other) => one.position - other.position)
      .slice(0, 3)
      .map(({ id }) => id);
    useUi.setState({ selection: new Set(inOrder.toReversed()) });
    fireEvent.click(screen.getByRole("button", { name: "first" }));
    await waitFor(() => expect(of("move_in_order")[0]?.ids).toEqual(inOrder));
  });

  it("bring back everything that was removed while the undo stood", async () => {
    const { of } = draw(<Run id="remove" />, {
      remove: () => ({ kind: "removed", undo_until_ms: 0 }),
      undo_remove: () => ({ kind: "done" }),
    });
    const remove = async (ids: number[], words: RegExp) => {
      useUi.setState({ selection: new Set(ids) });
      fireEvent.click(screen.getByRole("button", { name: "remove" }));
      expect(await screen.findByText(words)).toBeTruthy();
    };
    await remove([1], /was removed/);
    await remove([2, 3], /3 downloads were removed/);
    fireEvent.click(screen.getByRole("button", { name: "Undo", hidden: true }));
    await waitFor(() => expect(of("undo_remove")).toHaveLength(1));
    expect(of("undo_remove")[0]?.ids).toEqual([1, 2, 3]);
    await remove([4], /was removed/);
  });

  it("say it where the clipboard is out of reach", async () => {
    draw(<Run id="copy_link" />, {
      copy_links: () => ({ kind: "addresses", urls: ["https://example.org/a"] }),
    });
    useUi.setState({ selection: new Set([1]) });
    vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: () => Promise.reject(new Error()) } });
    fireEvent.click(screen.getByRole("button", { name: "copy_link" }));
    expect(await screen.findByText("The clipboard could not be reached")).toBeTruthy();
    vi.unstubAllGlobals();
  });
});

describe("keys", () => {
  it("work on the page and not in a field", async () => {
    draw(<Keys />);
    fireEvent.keyDown(screen.getByLabelText("field"), { key: "n" });
    expect(useDialogs.getState().shown).toBeNull();
    fireEvent.keyDown(document.body, { key: "n" });
    expect(useDialogs.getState().shown).toEqual({ kind: "add", text: "" });
    act(closeDialog);
    fireEvent.keyDown(screen.getByLabelText("field"), { key: "k", ctrlKey: true });
    expect(useDialogs.getState().shown).toEqual({ kind: "palette" });
  });

  it("are all on the sheet, and none means two things on the page", async () => {
    draw(<KeySheet onClose={() => {}} />);
    expect(await screen.findByText("Command palette")).toBeTruthy();
    const shown = [...document.querySelectorAll("li")].map((line) =>
      [...line.querySelectorAll("kbd")].map(({ textContent }) => textContent).join("+"),
    );
    const all = commandsOn(null).flatMap(({ keys = "", also = [] }) => [keys, ...also].filter(Boolean));
    expect(shown.join(" ")).toEqual(
      commandsOn(null)
        .filter(({ keys }) => keys !== undefined)
        .map(({ keys = "", also = [] }) => [keys, ...also].flatMap((one) => keyLabels(one, false)).join("+"))
        .join(" "),
    );
    expect(new Set(all).size).toBe(all.length);
    // What the list hears, and what it says that it hears.
    const ofList = COMMANDS.filter(({ heardBy }) => heardBy === "list").flatMap(
      ({ keys = "", also = [] }) => [keys, ...also],
    );
    const elsewhere = ["Mod+V", "/", "Mod+F", "Shift+ArrowUp", "Shift+ArrowDown", "Home", "End"];
    expect(ofList.toSorted()).toEqual([...LIST_KEYS, ...SELECTION_KEYS, ...elsewhere].toSorted());
    const heard = COMMANDS.filter(({ heardBy, run }) => heardBy === "page" && run).map(({ keys }) => keys);
    expect(new Set(heard).size).toBe(heard.length);
    expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
  });
});
