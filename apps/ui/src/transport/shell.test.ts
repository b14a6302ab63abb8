import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, describe, expect, it } from "vitest";
import { desktop } from "./shell";

/** Answers whatever is called, and keeps it. */
function shell(answer: () => unknown): unknown[] {
  const called: unknown[] = [];
  mockIPC((command, words) => {
    called.push([command, words]);
    return answer();
  });
  return called;
}

function refuse(reason: unknown): () => never {
  return () => {
    throw reason;
  };
}

afterEach(clearMocks);

describe("a dialog of the system", () => {
  it("gives what was chosen", async () => {
    const target = { folder: "/srv", name: "a.iso", replaces: true };
    const called = shell(() => target);
    expect(await desktop.saveAs("/home", "b.iso")).toEqual({ kind: "chosen", chosen: target });
    expect(called).toEqual([["save_as", { start: "/home", name: "b.iso" }]]);
  });

  it("may be left", async () => {
    shell(() => null);
    expect(await desktop.chooseFolder(null)).toEqual({ kind: "cancelled" });
  });

  it("says by a code why a choice cannot be", async () => {
    shell(refuse({ code: "too_many", message: "", remedy: null }));
    expect(await desktop.chooseFolder(null)).toEqual({ kind: "refused", code: "too_many" });
    shell(refuse("choose_folder not allowed"));
    expect(await desktop.chooseFolder(null)).toEqual({ kind: "refused", code: "internal" });
  });
});

describe("the list", () => {
  it("is kept without that the page names a place or what goes there", async () => {
    const called = shell(() => "/srv/list.json");
    expect(await desktop.saveList()).toEqual({ kind: "chosen", chosen: "/srv/list.json" });
    expect(called).toEqual([["save_list", {}]]);
  });
});

describe("a file", () => {
  it("is handed over by the download's number alone", async () => {
    const called = shell(() => "missing");
    expect(await desktop.hand(7, "show")).toBe("missing");
    expect(called).toEqual([["hand_file", { id: 7, handing: "show" }]]);
  });

  it("is not handed over where the shell refuses", async () => {
    shell(refuse("hand_file not allowed"));
    expect(await desktop.hand(7, "open")).toBe("refused");
  });
});

describe("what was copied", () => {
  it("is nothing where it is no text", async () => {
    shell(() => null);
    expect(await desktop.readClipboard()).toBe("");
    shell(refuse("no"));
    expect(await desktop.readClipboard()).toBe("");
  });
});
