import { afterEach, describe, expect, it, vi } from "vitest";
import { askAbout, keptOtherwise } from "./from-outside";
import { closeDialog, openDialog, useDialogs } from "./store";

const shown = () => useDialogs.getState().shown;

afterEach(closeDialog);

describe("links from outside", () => {
  it("are asked about at once where nobody fills in anything", () => {
    askAbout("https://a.example/1", "others");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1", from: "others" });
    closeDialog();
    openDialog({ kind: "settings" });
    askAbout("https://a.example/2", "others");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/2", from: "others" });
  });

  it("wait for a dialog that is being filled in, and are asked about together then", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    askAbout("https://a.example/1", "others");
    askAbout("https://a.example/2", "others");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/mine" });
    closeDialog();
    expect(shown()).toEqual({
      kind: "add",
      text: "https://a.example/1\nhttps://a.example/2",
      from: "others",
    });
    closeDialog();
    expect(shown()).toBeNull();
  });

  it("are asked about with what the person brought meanwhile, and are no less foreign for it", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    askAbout("https://a.example/1", "others");
    askAbout("https://a.example/2", "person");
    closeDialog();
    expect(shown()).toMatchObject({ from: "others" });
    askAbout("https://a.example/3", "person");
    closeDialog();
    expect(shown()).toMatchObject({ from: "person" });
    closeDialog();
  });

  it("do not take an empty dialog for another one", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    askAbout("", "others");
    closeDialog();
    expect(shown()).toBeNull();
  });

  it("are done when the dialog that asks about them is closed, and not before", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    askAbout("https://a.example/1", "others", first);
    askAbout("https://a.example/2", "others", second);
    expect(first).not.toHaveBeenCalled();
    closeDialog();
    expect(first).toHaveBeenCalledOnce();
    expect(second).not.toHaveBeenCalled();
    closeDialog();
    expect(second).toHaveBeenCalledOnce();
    expect(first).toHaveBeenCalledOnce();
  });

  it("are done once a dialog keeps them with what was typed", () => {
    const done = vi.fn();
    askAbout("https://a.example/1", "others", done);
    keptOtherwise();
    expect(done).toHaveBeenCalledOnce();
    openDialog({ kind: "quit", closing: true, over: { kind: "add", text: "https://a.example/1?typed" } });
    closeDialog();
    expect(shown()).toMatchObject({ text: "https://a.example/1?typed" });
    closeDialog();
    expect(shown()).toBeNull();
    expect(done).toHaveBeenCalledOnce();
  });

  it("are asked about again where another dialog took their place", () => {
    const done = vi.fn();
    askAbout("https://a.example/1", "others", done);
    openDialog({ kind: "quit" });
    expect(done).not.toHaveBeenCalled();
    closeDialog();
    expect(shown()).toMatchObject({ kind: "add", text: "https://a.example/1" });
    closeDialog();
    expect(done).toHaveBeenCalledOnce();
  });
});
