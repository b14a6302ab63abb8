import { cleanup, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DESKTOP, draw } from "@/dialogs/for-tests";
import type { Reply } from "@/generated";
import { useEngine } from "@/stores/engine";
import { Remedies, type RemedyDialog } from "./remedies";

afterEach(cleanup);

const done = (): Reply => ({ kind: "done" });

function open(dialog: RemedyDialog, answers: Parameters<typeof draw>[1] = {}) {
  const close = vi.fn();
  return { close, ...draw(<Remedies dialog={dialog} onClose={close} />, answers) };
}

describe("the remedies", () => {
  it("take a new link, and go on with it", async () => {
    const user = userEvent.setup();
    const { of, close } = open({ kind: "new_link", id: 1 }, { replace_url: done, resume: done });
    const field = await screen.findByLabelText("New link");
    await user.type(field, "nothing");
    expect(screen.getByText(/This is not a link/)).toBeTruthy();
    await user.clear(field);
    await user.type(field, "https://example.org/new{Enter}");
    await waitFor(() => expect(close).toHaveBeenCalled());
    expect(of("replace_url")).toEqual([{ action: "replace_url", id: 1, url: "https://example.org/new" }]);
    expect(of("resume")).toHaveLength(1);
  });

  it("add a mirror, and leave what goes on alone", async () => {
    const user = userEvent.setup();
    const { of, close } = open({ kind: "mirror", id: 1 }, { add_mirror: done });
    await user.type(await screen.findByLabelText("Link to the same file"), "https://example.net/same{Enter}");
    await waitFor(() => expect(close).toHaveBeenCalled());
    expect(of("add_mirror")).toEqual([{ action: "add_mirror", id: 1, url: "https://example.net/same" }]);
  });

  it("say why a link was refused, and stay", async () => {
    const user = userEvent.setup();
    const { close } = open(
      { kind: "new_link", id: 1 },
      { replace_url: () => ({ kind: "failed", failure: { code: "other_file", message: "", remedy: null } }) },
    );
    await user.type(await screen.findByLabelText("New link"), "https://example.org/new{Enter}");
    expect(await screen.findByText("The new link leads to a different file.")).toBeTruthy();
    expect(close).not.toHaveBeenCalled();
  });

  it("sign in, and go on", async () => {
    const user = userEvent.setup();
    const { of } = open({ kind: "credentials", id: 1 }, { set_options: done, resume: done });
    await user.type(await screen.findByLabelText("User name"), "ada");
    await user.type(screen.getByLabelText("Password"), "love{Enter}");
    await waitFor(() => expect(of("resume")).toHaveLength(1));
    expect(of("set_options")[0]?.options.credentials).toEqual({
      kind: "basic",
      user: "ada",
      password: "love",
    });
  });

  it("rename", async () => {
    const user = userEvent.setup();
    const { of } = open({ kind: "rename", id: 1 }, { rename: done });
    const field = await screen.findByLabelText("File name");
    await user.clear(field);
    await user.type(field, "a/b");
    expect(screen.getByRole("button", { name: "Rename" }).hasAttribute("disabled")).toBe(true);
    await user.clear(field);
    await user.type(field, "new.iso{Enter}");
    await waitFor(() => expect(of("rename")).toEqual([{ action: "rename", id: 1, name: "new.iso" }]));
  });

  it("limit each of the downloads", async () => {
    const user = userEvent.setup();
    const { of } = open({ kind: "limit", ids: [1, 2] }, { set_limit: done });
    await user.clear(await screen.findByLabelText("Speed at most"));
    await user.type(screen.getByLabelText("Speed at most"), "2,5{Enter}");
    await waitFor(() => expect(of("set_limit")).toHaveLength(1));
    expect(of("set_limit")[0]).toMatchObject({
      scope: { kind: "downloads", ids: [1, 2] },
      limit_bytes_per_s: 2_500_000,
    });
  });

  it("name the files that are to be deleted, and offer to undo", async () => {
    const user = userEvent.setup();
    const { of } = open(
      { kind: "remove", ids: [1] },
      { remove: () => ({ kind: "removed", undo_until_ms: 0 }), undo_remove: done },
    );
    const name = useEngine.getState().rows.get(1)?.name ?? "";
    expect(await screen.findByRole("dialog", { name: `Delete ${name}?` })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Delete the file" }));
    await waitFor(() => expect(of("remove")).toEqual([{ action: "remove", ids: [1], files: "delete" }]));
    await user.click(await screen.findByRole("button", { name: "Undo", hidden: true }));
    await waitFor(() => expect(of("undo_remove")).toHaveLength(1));
  });

  it("let everything go on without the window, where closing it would end all", async () => {
    const user = userEvent.setup();
    const goOn = vi.fn(async () => {});
    const close = vi.fn();
    const desktop = { ...DESKTOP, goOnWithoutWindow: goOn };
    const { of } = draw(<Remedies dialog={{ kind: "quit", closing: true }} onClose={close} />, {}, desktop);
    await user.click(await screen.findByRole("button", { name: "Keep downloading" }));
    expect(goOn).toHaveBeenCalledOnce();
    expect(close).toHaveBeenCalledOnce();
    expect(of("quit")).toEqual([]);
  });

  it("offer nothing but the end where that was asked for", async () => {
    open({ kind: "quit" });
    await screen.findByRole("button", { name: "Quit Gannet" });
    expect(screen.queryByRole("button", { name: "Keep downloading" })).toBeNull();
  });
});
