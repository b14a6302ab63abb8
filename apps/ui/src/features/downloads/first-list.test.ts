import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Command, Reply } from "@/generated";
import { takeIn, useEngine } from "@/stores/engine";
import { MockEngine } from "@/transport/mock/engine";
import type { Transport } from "@/transport/types";
import { firstList, WAITED_FOR_MS } from "./first-list";

const engine = new MockEngine({ scenario: "busy", seed: 1, start_ms: 0 });
const initial = useEngine.getState();

function transport(execute: (command: Command) => Promise<Reply>): Transport {
  return { execute, subscribe: () => () => {}, watch: () => {}, desktop: null };
}

/** Follows whether a promise is settled. */
function followed(promise: Promise<void>): { done: boolean } {
  const state = { done: false };
  void promise.then(() => {
    state.done = true;
  });
  return state;
}

beforeEach(() => {
  vi.useFakeTimers();
  useEngine.setState(initial, true);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the first picture", () => {
  it("waits for the state and for the finished downloads", async () => {
    let answer: (reply: Reply) => void = () => {};
    const page = new Promise<Reply>((resolve) => {
      answer = resolve;
    });
    const list = followed(firstList(transport(() => page)));
    await vi.advanceTimersByTimeAsync(10);
    expect(list.done).toBe(false);

    takeIn({ kind: "state", sequence: 1, state: engine.state() }, 0);
    await vi.advanceTimersByTimeAsync(10);
    expect(list.done).toBe(false);

    answer({ kind: "finished", rows: [], total: 0 });
    await vi.advanceTimersByTimeAsync(0);
    expect(list.done).toBe(true);
    expect(useEngine.getState().finished.total).toBe(0);
  });

  it("does not wait for programs that do not answer", async () => {
    const list = followed(firstList(transport(() => new Promise(() => {}))));
    await vi.advanceTimersByTimeAsync(WAITED_FOR_MS - 1);
    expect(list.done).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(list.done).toBe(true);
  });
});
