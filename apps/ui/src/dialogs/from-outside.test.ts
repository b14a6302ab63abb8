import { afterEach, describe, expect, it } from "vitest";
import { askAbout } from "./from-outside";
import { closeDialog, openDialog, useDialogs } from "./store";

const shown = () => useDialogs.getState().shown;

afterEach(closeDialog);

describe("links from outside", () => {
  it("are asked about at once where nobody fills in anything", () => {
    askAbout("https://a.example/1", "others");
    expect(shown()).toEqual({ kind: "add", text: "https://a.example/1", from: "others" });
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
});
