import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

function Said({ usePast }: { usePast: () => boolean }) {
  return <p>{usePast() ? "past" : "drawn"}</p>;
}

/** Each test is a page of its own. */
async function page() {
  vi.resetModules();
  const { firstPictureDrawn, useIsPastFirstPicture } = await import("./first-picture");
  const { Menu, MenuItem } = await import("@/components/ui/menu");
  const chosen = vi.fn();
  render(
    <>
      <Said usePast={useIsPastFirstPicture} />
      <Menu trigger={<button type="button">More</button>}>
        <MenuItem onSelect={chosen}>Quit</MenuItem>
      </Menu>
    </>,
  );
  return { firstPictureDrawn, chosen };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("the first picture", () => {
  it("is past a moment after it was drawn", async () => {
    const { firstPictureDrawn } = await page();
    expect(screen.getByText("drawn")).toBeTruthy();
    firstPictureDrawn();
    expect(screen.getByText("drawn")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(1000));
    expect(screen.getByText("past")).toBeTruthy();
  });

  it.each(["keyDown", "pointerMove"] as const)("is past with a %s", async (sign) => {
    const { firstPictureDrawn } = await page();
    firstPictureDrawn();
    fireEvent[sign](document.body);
    expect(screen.getByText("past")).toBeTruthy();
  });

  it("has menus that open all the same", async () => {
    const { chosen } = await page();
    const button = screen.getByRole("button", { name: "More" });
    expect(button.getAttribute("aria-haspopup")).toBe("menu");
    fireEvent.click(button);
    vi.useRealTimers();
    fireEvent.click(await screen.findByRole("menuitem", { name: "Quit" }));
    expect(chosen).toHaveBeenCalledOnce();
  });
});
