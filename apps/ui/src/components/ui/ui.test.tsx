import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startI18nForTests } from "@/i18n/for-tests";
import { Button } from "./button";
import { Checkbox } from "./checkbox";
import { Dialog, DialogBody } from "./dialog";
import { Field } from "./field";
import { Input } from "./input";
import { Menu, MenuItem } from "./menu";
import { NumberField } from "./number-field";
import { SegmentedControl } from "./segmented";
import { Select } from "./select";
import { Switch } from "./switch";
import { closeToast, showToast, ToastProvider } from "./toast";

beforeAll(startI18nForTests);
afterEach(cleanup);

function Example() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Open</Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Rename">
        <DialogBody>
          <Field label="Name" error="A name is needed">
            {(ties) => <Input {...ties} />}
          </Field>
        </DialogBody>
      </Dialog>
    </>
  );
}

describe("a dialog", () => {
  it("takes the focus, closes by Escape and gives the focus back", async () => {
    const user = userEvent.setup();
    render(<Example />);
    await user.click(screen.getByRole("button", { name: "Open" }));
    const dialog = await screen.findByRole("dialog", { name: "Rename" });
    await waitFor(() => expect(dialog.contains(document.activeElement)).toBe(true));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Open" })));
  });

  it("ties an error to its field", async () => {
    const user = userEvent.setup();
    render(<Example />);
    await user.click(screen.getByRole("button", { name: "Open" }));
    const field = await screen.findByLabelText("Name");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    const said = document.getElementById(field.getAttribute("aria-describedby") ?? "");
    expect(said?.textContent).toBe("A name is needed");
  });
});

describe("a toast", () => {
  it("takes the place of an older one of the same subject, and undoes", async () => {
    const user = userEvent.setup();
    const undo = vi.fn();
    render(<ToastProvider>page</ToastProvider>);
    showToast({ subject: "remove", words: "Removed one" });
    showToast({ subject: "remove", words: "Removed two", action: { label: "Undo", run: undo } });
    expect(await screen.findByText("Removed two")).toBeTruthy();
    expect(screen.queryByText("Removed one")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Undo", hidden: true }));
    expect(undo).toHaveBeenCalledOnce();
    closeToast("remove");
  });

  it("that waits for an answer stays until it is closed, or what it offers is done", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    const [show, onAnswer] = [vi.fn(), vi.fn()];
    render(<ToastProvider>page</ToastProvider>);
    const say = () =>
      showToast({
        subject: "update",
        words: "A newer version",
        shownMs: "until_answered",
        action: { label: "Show", run: show },
        onAnswer,
      });
    say();
    await screen.findByText("A newer version");
    await act(() => vi.advanceTimersByTimeAsync(24 * 3_600_000));
    expect(screen.getByText("A newer version")).toBeTruthy();
    expect(onAnswer).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Dismiss", hidden: true }));
    expect([show.mock.calls.length, onAnswer.mock.calls.length]).toEqual([0, 1]);
    expect(screen.queryByText("A newer version")).toBeNull();

    say();
    await user.click(await screen.findByRole("button", { name: "Show", hidden: true }));
    expect([show.mock.calls.length, onAnswer.mock.calls.length]).toEqual([1, 2]);
    expect(screen.queryByText("A newer version")).toBeNull();
    vi.useRealTimers();
  });
});

describe("controls", () => {
  it("say what was chosen", async () => {
    const user = userEvent.setup();
    const chosen = vi.fn();
    render(
      <>
        <Switch checked={false} onChange={(on) => chosen("switch", on)} label="Limit" />
        <Checkbox checked="mixed" onChange={(on) => chosen("checkbox", on)} label="All" />
        <SegmentedControl
          label="Theme"
          value="light"
          onChange={(value) => chosen("segmented", value)}
          choices={[
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
        <NumberField
          label="Connections"
          value={8}
          least={1}
          most={64}
          onChange={(value) => chosen("number", value)}
        />
      </>,
    );
    await user.click(screen.getByRole("switch", { name: "Limit" }));
    expect(screen.getByRole("checkbox", { name: "All" }).getAttribute("aria-checked")).toBe("mixed");
    await user.click(screen.getByRole("checkbox", { name: "All" }));
    await user.click(screen.getByRole("radio", { name: "Dark" }));
    await user.click(screen.getByRole("button", { name: "Increase" }));
    expect(chosen.mock.calls).toEqual([
      ["switch", true],
      ["checkbox", true],
      ["segmented", "dark"],
      ["number", 9],
    ]);
  });

  it("open and choose by keyboard", async () => {
    const user = userEvent.setup();
    const chosen = vi.fn();
    render(
      <>
        <Select
          label="Queue"
          value="main"
          onChange={chosen}
          choices={[
            { value: "main", label: "Main" },
            { value: "night", label: "Tonight" },
          ]}
        />
        <Menu trigger={<Button>More</Button>}>
          <MenuItem onSelect={() => chosen("pause")}>Pause</MenuItem>
        </Menu>
      </>,
    );
    await user.selectOptions(screen.getByRole("combobox", { name: "Queue" }), "Tonight");
    expect(chosen).toHaveBeenCalledWith("night");
    screen.getByRole("button", { name: "More" }).focus();
    await user.keyboard("{Enter}");
    await user.click(await screen.findByRole("menuitem", { name: "Pause" }));
    expect(chosen).toHaveBeenLastCalledWith("pause");
  });
});
