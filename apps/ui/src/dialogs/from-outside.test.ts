import { afterEach, describe, expect, it } from "vitest";
import { askAbout } from "./from-outside";
import { closeDialog, openDialog, useDialogs } from "./store";

const shown = () => useDialogs.getState().shown;

afterEach(closeDialog);

describe("links from outside", () => {
  it("are asked about at once where nobody fills in anything", () => {
    expect(askAbout("https://a.example/1")).toBe("asked");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1" });
    openDialog({ kind: "settings" });
    expect(askAbout("https://a.example/2")).toBe("asked");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/2" });
  });

  it("wait for a dialog that is being filled in, and are asked about together then", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    expect(askAbout("https://a.example/1")).toBe("waits");
    expect(askAbout("https://a.example/2")).toBe("waits");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/mine" });
    closeDialog();
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1\nhttps://a.example/2" });
    closeDialog();
    expect(shown()).toBeNull();
  });

  it("do not take an empty dialog for another one", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    expect(askAbout("")).toBe("asked");
    closeDialog();
    expect(shown()).toBeNull();
  });
});
