import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usePending } from "./use-pending";

interface Thing {
  name: string;
  at_once: number;
  retries: number;
}

const KNOWN: Thing = { name: "Night", at_once: 3, retries: 5 };

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** An engine that answers when the test says so, and tells of what it took when the test says so. */
function begin(rest_ms = 0) {
  const sent: Thing[] = [];
  const answers: ((taken: boolean) => void)[] = [];
  const send = (next: Thing) => {
    sent.push(next);
    return new Promise<boolean>((resolve) => answers.push(resolve));
  };
  const hook = renderHook(({ known }) => usePending(known, send, rest_ms), {
    initialProps: { known: KNOWN },
  });
  return {
    sent,
    shown: () => hook.result.current[0],
    change: (part: Partial<Thing>) => act(() => hook.result.current[1](() => part)),
    answer: (taken: boolean) => act(async () => answers.shift()?.(taken)),
    tell: (known: Thing) => hook.rerender({ known }),
  };
}

describe("something that is changed part by part", () => {
  it("loses no change, however late the engine tells of the one before", async () => {
    const { sent, shown, change, answer, tell } = begin();
    change({ at_once: 7 });
    await answer(true);
    // It was answered, and is not told of yet.
    change({ retries: 9 });
    expect(sent.at(-1)).toEqual({ name: "Night", at_once: 7, retries: 9 });
    tell({ ...KNOWN, at_once: 7 });
    expect(shown()).toEqual({ name: "Night", at_once: 7, retries: 9 });
    await answer(true);
    tell({ ...KNOWN, at_once: 7, retries: 9 });
    expect(shown()).toEqual({ name: "Night", at_once: 7, retries: 9 });
    // What others change is followed again.
    tell({ ...KNOWN, name: "Day" });
    expect(shown().name).toBe("Day");
  });

  it("is sent one at a time, so that none overtakes another", async () => {
    const { sent, change, answer } = begin();
    change({ at_once: 1 });
    change({ at_once: 12 });
    change({ at_once: 123 });
    expect(sent.map(({ at_once }) => at_once)).toEqual([1]);
    await answer(true);
    expect(sent.map(({ at_once }) => at_once)).toEqual([1, 123]);
  });

  it("goes back to what it was where the engine refuses, and to what the engine made of it", async () => {
    const { shown, change, answer } = begin();
    change({ at_once: 900 });
    expect(shown().at_once).toBe(900);
    await answer(false);
    expect(shown().at_once).toBe(3);
    change({ at_once: 900 });
    await answer(true);
    act(() => vi.advanceTimersByTime(2000));
    expect(shown().at_once).toBe(3);
  });

  it("rests before it is sent where it is typed", () => {
    const { sent, change } = begin(300);
    change({ at_once: 1 });
    act(() => vi.advanceTimersByTime(299));
    change({ at_once: 12 });
    act(() => vi.advanceTimersByTime(300));
    expect(sent).toEqual([{ ...KNOWN, at_once: 12 }]);
  });
});
