import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { closeToast, offerOf, ToastProvider } from "@/components/ui/toast";
import { startI18nForTests } from "@/i18n/for-tests";
import { OFFERED_MS, offerUndo } from "./undo";

const bringBack = vi.fn();

const remove = (name: string, ...ids: number[]) =>
  act(() =>
    offerUndo(
      { ids, files: "keep", name },
      { words: (_, count, first) => `${count} removed, ${first}`, label: "Undo", bringBack },
    ),
  );
const passes = (time_ms: number) => act(() => vi.advanceTimersByTime(time_ms));

beforeEach(() => {
  vi.useFakeTimers();
  startI18nForTests();
  bringBack.mockReset();
  render(<ToastProvider>page</ToastProvider>);
});
afterEach(() => {
  act(() => closeToast("removed"));
  cleanup();
  vi.useRealTimers();
});

describe("the offer to take a removal back", () => {
  it("leaves out what cannot come back any more, in words and in deed", () => {
    remove("a", 1, 2);
    passes(6000);
    remove("b", 3);
    expect(screen.getByText("3 removed, b")).toBeTruthy();
    passes(OFFERED_MS - 6000);
    expect(screen.getByText("1 removed, b")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(bringBack).toHaveBeenCalledExactlyOnceWith([3]);
  });

  it("is over with the last one, though somebody be at it", () => {
    remove("a", 1);
    fireEvent.pointerEnter(screen.getByText("1 removed, a"));
    passes(OFFERED_MS - 1);
    expect(screen.getByRole("button", { name: "Undo" })).toBeTruthy();
    passes(1);
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
    expect(offerOf("removed")).toBeUndefined();
  });

  it("is not for what was put away before", () => {
    remove("a", 1);
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    remove("b", 2);
    offerOf("removed")?.();
    expect(bringBack).toHaveBeenCalledExactlyOnceWith([2]);
  });
});
