import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { draw } from "@/dialogs/for-tests";
import { takeIn, useEngine } from "@/stores/engine";
import { MockEngine } from "@/transport/mock/engine";
import { ConnectionStrip } from "./connection-strip";

const initial = useEngine.getState();
const state = new MockEngine({ scenario: "busy", seed: 1, start_ms: 0 }).state();

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  useEngine.setState(initial, true);
});

function tell(given: Partial<typeof state> = {}): void {
  act(() => takeIn({ kind: "state", sequence: 1, state: { ...state, ...given } }, 0));
}

describe("another version than the page came with", () => {
  it("is said, with a way to the new page, and what it tells is not taken for something else", () => {
    draw(<ConnectionStrip />);
    act(() => useEngine.setState({ ...initial, connection: "open" }, true));
    tell();
    expect(screen.queryByRole("status")).toBeNull();
    tell({ schema_version: state.schema_version + 1, rows: [] });
    expect(screen.getByRole("status").textContent).toContain("Gannet was updated");
    expect(useEngine.getState().rows.size).toBe(state.rows.length);
    const reload = vi.spyOn(location, "reload").mockImplementation(() => {});
    screen.getByRole("button", { name: "Load the page anew" }).click();
    expect(reload).toHaveBeenCalledOnce();
  });

  it("is said too where only the program is newer: parts of the page that were not loaded are gone", () => {
    draw(<ConnectionStrip />);
    act(() => useEngine.setState({ ...initial, connection: "open" }, true));
    tell();
    tell({ program_version: "99.0.0" });
    expect(screen.getByRole("status").textContent).toContain("Gannet was updated");
    tell();
    expect(screen.queryByRole("status")).toBeNull();
  });
});
