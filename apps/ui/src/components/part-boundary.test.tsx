import { act, cleanup, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { draw } from "@/dialogs/for-tests";
import { type Late, late } from "@/lib/late";
import { useEngine } from "@/stores/engine";
import { PartBoundary } from "./part-boundary";
import { closeToast } from "./ui/toast";

const initial = useEngine.getState();

beforeEach(() => {
  // What a boundary catches React tells the console too.
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  act(() => closeToast("part"));
  useEngine.setState(initial, true);
});

/** A page with a part that is opened by a button. */
function Page({ part: Part }: { part: Late<object> }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        open
      </button>
      {open && (
        <PartBoundary onFailure={() => setOpen(false)}>
          <Part />
        </PartBoundary>
      )}
    </>
  );
}

const open = async () => {
  await act(async () => screen.getByRole("button", { name: "open" }).click());
};

describe("a part of the page that does not come", () => {
  it("is said, leaves the rest where it is, and is asked for anew the next time", async () => {
    const load = vi
      .fn<() => Promise<() => React.ReactNode>>()
      .mockRejectedValueOnce(new TypeError("Failed to fetch dynamically imported module"))
      .mockResolvedValue(() => <p>the part</p>);
    draw(<Page part={late(load)} />);
    act(() => useEngine.setState({ connection: "lost" }));
    await open();
    expect(screen.getByRole("alert").textContent).toContain("Gannet is not reached");
    // A page that is loaded anew while nobody answers would be gone.
    expect(screen.queryByRole("button", { name: "Load the page anew" })).toBeNull();
    await open();
    expect(screen.getByText("the part")).toBeTruthy();
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("is offered by loading the page anew where the program answers: it is another one then", async () => {
    draw(<Page part={late(() => Promise.reject(new TypeError("404")))} />);
    act(() => useEngine.setState({ connection: "open" }));
    await open();
    expect(screen.getByRole("alert").textContent).toContain("Gannet was updated");
    expect(screen.getByRole("button", { name: "Load the page anew" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "open" })).toBeTruthy();
  });

  it("takes nothing else with it where it comes and cannot be drawn", async () => {
    const broken = (): React.ReactNode => {
      throw new Error("no such thing");
    };
    draw(<Page part={late(async () => broken)} />);
    await open();
    expect(screen.getByRole("alert").textContent).toContain("something went wrong in the page");
    expect(screen.getByRole("button", { name: "open" })).toBeTruthy();
  });

  it("is there at once where it was loaded before, though nobody answers any more", async () => {
    const load = vi.fn(async () => () => <p>the part</p>);
    const part = late(load);
    part.preload();
    await act(async () => {});
    load.mockRejectedValue(new TypeError("Failed to fetch"));
    draw(<Page part={part} />);
    await open();
    expect(screen.getByText("the part")).toBeTruthy();
    expect(load).toHaveBeenCalledOnce();
  });
});
