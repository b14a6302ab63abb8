import { afterEach, describe, expect, it, vi } from "vitest";
import { askAbout } from "./from-outside";
import { closeDialog, openDialog, useDialogs } from "./store";

const shown = () => useDialogs.getState().shown;

const done = vi.fn();

afterEach(() => {
  closeDialog();
  done.mockReset();
});

describe("links from outside", () => {
  it("are asked about at once where nobody fills in anything", () => {
    expect(askAbout("https://a.example/1", done)).toBe("asked");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1" });
    closeDialog();
    openDialog({ kind: "settings" });
    expect(askAbout("https://a.example/2", done)).toBe("asked");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/2" });
  });

  it("wait for a dialog that is being filled in, and are asked about together then", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    expect(askAbout("https://a.example/1", done)).toBe("waits");
    expect(askAbout("https://a.example/2", done)).toBe("waits");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/mine" });
    closeDialog();
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1\nhttps://a.example/2" });
    closeDialog();
    expect(shown()).toBeNull();
  });

  it("do not take an empty dialog for another one", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    expect(askAbout("", done)).toBe("asked");
    closeDialog();
    expect(shown()).toBeNull();
  });

  it("are done when the dialog that asks about them is closed, and not before", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    askAbout("https://a.example/1", first);
    askAbout("https://a.example/2", second);
    expect(first).not.toHaveBeenCalled();
    closeDialog();
    expect(first).toHaveBeenCalledOnce();
    expect(second).not.toHaveBeenCalled();
    closeDialog();
    expect(second).toHaveBeenCalledOnce();
    expect(first).toHaveBeenCalledOnce();
  });

  it("are asked about again where another dialog took their place", () => {
    askAbout("https://a.example/1", done);
    openDialog({ kind: "quit" });
    expect(done).not.toHaveBeenCalled();
    closeDialog();
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1" });
    closeDialog();
    expect(done).toHaveBeenCalledOnce();
  });
});
