import { afterEach, describe, expect, it } from "vitest";
import { askAbout } from "./from-outside";
import { closeDialog, openDialog, useDialogs } from "./store";

const shown = () => useDialogs.getState().shown;

afterEach(closeDialog);

describe("links from outside", () => {
  it("are asked about at once where nobody fills in anything", () => {
    askAbout("https://a.example/1");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1" });
    openDialog({ kind: "settings" });
    askAbout("https://a.example/2");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/2" });
  });

  it("wait for a dialog that is being filled in, and are asked about together then", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    askAbout("https://a.example/1");
    askAbout("https://a.example/2");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/mine" });
    closeDialog();
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1\nhttps://a.example/2" });
    closeDialog();
    expect(shown()).toBeNull();
  });

  it("do not take an empty dialog for another one", () => {
    openDialog({ kind: "add", text: "https://a.example/mine" });
    askAbout("");
    closeDialog();
    expect(shown()).toBeNull();
  });
});
