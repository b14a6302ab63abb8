import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { closeToast } from "@/components/ui/toast";
import { draw } from "@/dialogs/for-tests";
import type { Reply } from "@/generated";
import { FormDialog } from "./form-dialog";

afterEach(() => {
  cleanup();
  act(() => {
    closeToast("done");
    closeToast("command");
  });
});

/** A dialog over a move; closed, another one takes its place. */
function Page({ closedLate }: { closedLate: () => void }) {
  const [open, setOpen] = useState(true);
  if (!open) return <p>another one</p>;
  return (
    <FormDialog
      title="Move"
      go="Move"
      ready
      commands={() => [{ action: "move_files", ids: [1], folder: "/mnt/slow" }]}
      underWay={{ words: "It is being moved.", done: "The files were moved." }}
      onClose={() =>
        setOpen((now) => {
          if (!now) closedLate();
          return false;
        })
      }
    />
  );
}

/** The move is answered when the test says so. */
function begin() {
  let answer: (reply: Reply) => void = () => {};
  const moved = new Promise<Reply>((resolve) => {
    answer = resolve;
  });
  const closedLate = vi.fn();
  draw(<Page closedLate={closedLate} />, { move_files: () => moved });
  return { answer: (reply: Reply) => act(async () => answer(reply)), closedLate };
}

describe("something that takes long", () => {
  it("is said to be under way, and closes its dialog when it is done", async () => {
    const { answer } = begin();
    await userEvent.setup().click(await screen.findByRole("button", { name: "Move" }));
    expect(screen.getByText("It is being moved.").getAttribute("role")).toBe("status");
    await answer({ kind: "done" });
    expect(await screen.findByText("another one")).toBeTruthy();
    expect(screen.queryByText("The files were moved.")).toBeNull();
  });

  it("goes on where nobody waits for it, and is said once it is done", async () => {
    const user = userEvent.setup();
    const { answer, closedLate } = begin();
    await user.click(await screen.findByRole("button", { name: "Move" }));
    const [close] = screen.getAllByRole("button", { name: "Close" }).slice(-1);
    if (!close) throw new Error("nothing closes it");
    await user.click(close);
    await answer({ kind: "done" });
    await waitFor(() => expect(screen.getByText("The files were moved.")).toBeTruthy());
    expect(closedLate).not.toHaveBeenCalled();
  });

  it("says what went wrong, though nobody waited for it", async () => {
    const user = userEvent.setup();
    const { answer } = begin();
    await user.click(await screen.findByRole("button", { name: "Move" }));
    const [close] = screen.getAllByRole("button", { name: "Close" }).slice(-1);
    if (!close) throw new Error("nothing closes it");
    await user.click(close);
    await answer({ kind: "failed", failure: { code: "disk_full", message: "", remedy: null } });
    expect((await screen.findByRole("alert")).textContent).toContain("There is not enough space");
  });
});
