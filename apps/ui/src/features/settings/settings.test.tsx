import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { DESKTOP, draw } from "@/dialogs/for-tests";
import type { LimitHour } from "@/generated";
import { fits } from "./items";
import { SettingsDialog } from "./settings-dialog";
import { paint, walk } from "./week-grid";

afterEach(cleanup);

describe("settings", () => {
  it("are saved as they are changed, and keep what others say", async () => {
    const user = userEvent.setup();
    const { of } = draw(<SettingsDialog section="general" onClose={() => {}} />);
    const before = screen.getByRole("switch", { name: "Start when added" }).getAttribute("aria-checked");
    await user.click(screen.getByRole("switch", { name: "Start when added" }));
    await user.click(screen.getByRole("switch", { name: "Ask about duplicates" }));
    await waitFor(() => expect(of("change_settings")).toHaveLength(1));
    const { general } = of("change_settings")[0]?.settings ?? {};
    expect(general?.start_when_added).toBe(before !== "true");
    expect(general?.confirmations).toEqual({ duplicates: false, deletion: true });
  });

  it("go back to what they were where the engine refuses", async () => {
    const user = userEvent.setup();
    draw(<SettingsDialog section="general" onClose={() => {}} />, {
      change_settings: () => ({ kind: "failed", failure: { code: "disk", message: "", remedy: null } }),
    });
    const control = screen.getByRole("switch", { name: "Ask about duplicates" });
    await user.click(control);
    expect(control.getAttribute("aria-checked")).toBe("false");
    await waitFor(() => expect(control.getAttribute("aria-checked")).toBe("true"));
    expect(await screen.findAllByText("The disk could not be written to.")).not.toHaveLength(0);
  });

  it("are put back to the default one by one", async () => {
    const user = userEvent.setup();
    const { of } = draw(<SettingsDialog section="network" onClose={() => {}} />);
    const field = screen.getByRole("textbox", { name: "Connections per download" });
    fireEvent.change(field, { target: { value: "8" } });
    await waitFor(() => expect(of("change_settings").at(-1)?.settings.network.connections).toBe(8));
    await user.click(screen.getAllByRole("button", { name: "Put back to the default" })[0] as HTMLElement);
    await waitFor(() => expect(of("change_settings").at(-1)?.settings.network.connections).toBe(32));
  });

  it.each([
    ["general", "switch", "Ask about duplicates"],
    ["appearance", "radio", "Compact"],
  ] as const)("are put back, and the keyboard stays there: %s", async (section, role, name) => {
    const user = userEvent.setup();
    draw(<SettingsDialog section={section} onClose={() => {}} />);
    await user.click(screen.getByRole(role, { name }));
    const setting = screen.getByRole(role, { name }).closest(".group\\/setting");
    screen.getByRole("button", { name: "Put back to the default" }).focus();
    await user.keyboard("{Enter}");
    expect(screen.queryByRole("button", { name: "Put back to the default" })).toBeNull();
    expect(setting?.contains(document.activeElement)).toBe(true);
  });

  it("say what is wrong with a proxy while it is typed, and do not save it", async () => {
    const user = userEvent.setup();
    const { of } = draw(<SettingsDialog section="network" onClose={() => {}} />);
    await user.selectOptions(screen.getByRole("combobox", { name: "Proxy" }), "This one");
    const field = await screen.findByLabelText("The proxy's address");
    fireEvent.change(field, { target: { value: "proxy" } });
    expect(screen.getByText("Write it as http://host:port or socks5://host:port.")).toBeTruthy();
    fireEvent.change(field, { target: { value: "socks5://127.0.0.1:1080" } });
    await waitFor(() =>
      expect(of("change_settings").at(-1)?.settings.network.proxy).toMatchObject({ kind: "url" }),
    );
    expect(
      of("change_settings").some(
        ({ settings }) => settings.network.proxy.kind === "url" && settings.network.proxy.url === "proxy",
      ),
    ).toBe(false);
  });

  it("are found by any word, in any section", () => {
    const search = (value: string) =>
      fireEvent.change(screen.getByLabelText("Search settings"), { target: { value } });
    draw(<SettingsDialog section="general" onClose={() => {}} />);
    search("host conn");
    expect(screen.getByText("Connections per host")).toBeTruthy();
    expect(screen.queryByText("Start when added")).toBeNull();
    search("zebra");
    expect(screen.getByText("No setting says “zebra”.")).toBeTruthy();
    expect(fits("B a", ["a thing", "b"])).toBe(true);
  });

  it("are about a window of its own only where there is one", async () => {
    const user = userEvent.setup();
    draw(<SettingsDialog section="general" onClose={() => {}} />);
    expect(screen.queryByRole("button", { name: "Desktop" })).toBeNull();
    fireEvent.change(screen.getByLabelText("Search settings"), { target: { value: "battery" } });
    expect(screen.getByText("No setting says “battery”.")).toBeTruthy();

    const { of } = draw(<SettingsDialog section="general" onClose={() => {}} />, {}, DESKTOP);
    await user.click(screen.getByRole("button", { name: "Desktop" }));
    await user.click(screen.getByRole("switch", { name: "Pause on battery" }));
    await user.click(screen.getByRole("switch", { name: "Tell me when one fails" }));
    await waitFor(() => expect(of("change_settings")).toHaveLength(1));
    const { desktop } = of("change_settings")[0]?.settings ?? {};
    expect(desktop?.pause_on_battery).toBe(true);
    expect(desktop?.notifications).toEqual({ finished: true, failed: false, all_done: true });
  });

  it("take a folder back that was chosen in the system's dialog", async () => {
    const user = userEvent.setup();
    const { of, transport } = draw(<SettingsDialog section="folders" onClose={() => {}} />, {}, DESKTOP);
    transport.engine.chosen.add("/mnt/archive");
    transport.engine.emit({ kind: "roots", roots: transport.engine.roots() });
    await user.click(await screen.findByRole("button", { name: "Remove /mnt/archive" }));
    expect(of("dismiss_folder")).toEqual([{ action: "dismiss_folder", folder: "/mnt/archive" }]);
    await waitFor(() => expect(screen.queryByText("/mnt/archive")).toBeNull());
    // The configuration's own is not for the page to take back.
    expect(screen.queryByRole("button", { name: /^Remove \/srv/ })).toBeNull();

    draw(<SettingsDialog section="folders" onClose={() => {}} />);
    expect(screen.queryByText("Folders of your choice")).toBeNull();
  });

  it("add a queue and change it", async () => {
    const user = userEvent.setup();
    const { of } = draw(<SettingsDialog section="queues" onClose={() => {}} />);
    await user.click(screen.getByRole("button", { name: "Add a queue" }));
    await waitFor(() => expect(of("add_queue")).toHaveLength(1));
    const name = await screen.findByLabelText("Name");
    await user.clear(name);
    expect(screen.getByText("A name is needed.")).toBeTruthy();
    await user.type(name, "Weekend{Tab}");
    await waitFor(() => expect(of("change_queue").at(-1)?.queue.name).toBe("Weekend"));
    await user.click(screen.getByRole("switch", { name: "Only at certain hours" }));
    await waitFor(() => expect(of("change_queue").at(-1)?.queue.schedule?.from_minute).toBe(60));
  });
});

describe("what was made by hand", () => {
  it("is there again after its switch was turned off and on", async () => {
    const user = userEvent.setup();
    const { of } = draw(<SettingsDialog section="network" onClose={() => {}} />);
    const weekly = () => of("change_settings").at(-1)?.settings.network.weekly_limits;
    const control = screen.getByRole("switch", { name: "Limits by the hour" });
    await user.click(control);
    const [first] = within(await screen.findByRole("grid")).getAllByRole("gridcell");
    fireEvent.keyDown(first as HTMLElement, { key: " " });
    await waitFor(() => expect(weekly()?.hours[0]).toBe("limited"));
    const painted = weekly();
    await user.click(control);
    await waitFor(() => expect(weekly()).toBeNull());
    await user.click(control);
    await waitFor(() => expect(weekly()).toEqual(painted));
  });

  it("is removed only by a second word", async () => {
    const user = userEvent.setup();
    const { of } = draw(<SettingsDialog section="folders" onClose={() => {}} />);
    await user.click(screen.getByRole("button", { name: /^Video/ }));
    await user.click(await screen.findByRole("button", { name: "Remove the category" }));
    expect(of("remove_category")).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Remove for good" }));
    expect(of("remove_category")).toHaveLength(1);
  });

  it("is told its bounds where it is beyond them", async () => {
    const user = userEvent.setup();
    draw(<SettingsDialog section="network" onClose={() => {}} />);
    const field = await screen.findByLabelText("Connections per download");
    await user.clear(field);
    await user.type(field, "999");
    expect(screen.getByText("1 to 64").getAttribute("role")).toBe("alert");
  });
});

describe("the week", () => {
  const free = (): LimitHour[] => new Array<LimitHour>(168).fill("free");

  it("is painted by a rectangle, whichever way it is drawn", () => {
    const there = paint(free(), 33, 58, "limited");
    expect(paint(free(), 58, 33, "limited")).toEqual(there);
    expect(there.flatMap((hour, cell) => (hour === "limited" ? [cell] : []))).toEqual([33, 34, 57, 58]);
  });

  it.each([
    [0, "ArrowLeft", 0],
    [23, "ArrowRight", 23],
    [5, "ArrowDown", 29],
    [167, "ArrowDown", 167],
    [30, "Home", 24],
    [30, "End", 47],
    [30, "x", null],
  ])("from %d by %s leads to %s", (cell, key, to) => {
    expect(walk(cell, key)).toBe(to);
  });

  it("is painted by the keys", async () => {
    const user = userEvent.setup();
    const { of } = draw(<SettingsDialog section="network" onClose={() => {}} />);
    const control = screen.getByRole("switch", { name: "Limits by the hour" });
    if (control.getAttribute("aria-checked") !== "true") await user.click(control);
    const grid = await screen.findByRole("grid", { name: "Limits by the hour" });
    const [first] = within(grid).getAllByRole("gridcell");
    (first as HTMLElement).focus();
    fireEvent.keyDown(first as HTMLElement, { key: " " });
    fireEvent.keyDown(first as HTMLElement, { key: "ArrowRight", shiftKey: true });
    await waitFor(() => {
      const hours = of("change_settings").at(-1)?.settings.network.weekly_limits?.hours;
      expect(hours?.slice(0, 3)).toEqual(["limited", "limited", "free"]);
    });
  });
});
