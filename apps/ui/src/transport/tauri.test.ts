import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "@/generated";
import { MockEngine } from "./mock/engine";
import { TauriTransport } from "./tauri";
import type { Connection } from "./types";

interface Call {
  command: string;
  words: Record<string, unknown>;
}

/** What of a channel the shell sees. */
interface ShellChannel {
  id: number;
}

const engine = new MockEngine({ scenario: "empty", seed: 1, start_ms: 0 });
const state = (sequence: number): Message => ({ kind: "state", sequence, state: engine.state() });
const snapshot = (sequence: number): Message => ({ kind: "snapshot", sequence, snapshot: engine.snapshot() });

let calls: Call[] = [];
const stops: (() => void)[] = [];
let answer: (call: Call) => unknown = () => null;

const called = (command: string) =>
  calls.filter((call) => call.command === command).map(({ words }) => words);

/** Sends messages as the shell does: numbered within the channel. */
function tell(channel: ShellChannel, ...messages: Message[]): void {
  const run = Reflect.get(globalThis, "__TAURI_INTERNALS__").runCallback;
  messages.forEach((message, index) => {
    run(channel.id, { message, index });
  });
}

function listen(transport: TauriTransport) {
  const messages: Message[] = [];
  const connections: Connection[] = [];
  const stop = transport.subscribe({
    message: (message) => messages.push(message),
    connection: (connection) => connections.push(connection),
  });
  stops.push(stop);
  const channel = called("subscribe").at(-1)?.channel as ShellChannel;
  return { messages, connections, stop, channel };
}

function setVisible(visible: boolean): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(visible ? "visible" : "hidden");
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  answer = () => null;
  mockIPC((command, words) => {
    const call = { command, words: words as Record<string, unknown> };
    calls.push(call);
    return answer(call);
  });
});

afterEach(() => {
  // All of them hear of the one document.
  for (const stop of stops.splice(0)) stop();
  clearMocks();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a command", () => {
  it("is answered by a reply", async () => {
    answer = () => ({ kind: "done" });
    expect(await new TauriTransport().execute({ action: "pause_all" })).toEqual({ kind: "done" });
    expect(called("execute")).toEqual([{ command: { action: "pause_all" } }]);
  });

  it("never rejects: what the shell refuses is a failed reply", async () => {
    answer = () => {
      throw new Error("execute not allowed");
    };
    const reply = await new TauriTransport().execute({ action: "pause_all" });
    expect(reply).toMatchObject({ kind: "failed", failure: { code: "internal" } });
  });

  it("is failed where the answer is no reply", async () => {
    answer = () => 7;
    expect((await new TauriTransport().execute({ action: "pause_all" })).kind).toBe("failed");
  });
});

describe("what changes", () => {
  it("is told in order, beginning with a whole state", () => {
    const { messages, connections, channel } = listen(new TauriTransport());
    tell(channel, state(1), snapshot(2));
    expect(messages.map(({ kind }) => kind)).toEqual(["state", "snapshot"]);
    expect(connections).toEqual(["connecting", "open"]);
  });

  it("is said to be heard now and then", () => {
    const { channel } = listen(new TauriTransport());
    tell(channel, state(1), snapshot(2), snapshot(3), snapshot(4), snapshot(5));
    expect(called("heard")).toEqual([{ sequence: 4 }]);
  });

  it("begins anew for a second listener, and the first channel is silent then", () => {
    const transport = new TauriTransport();
    const first = listen(transport);
    const second = listen(transport);
    tell(first.channel, state(1));
    expect(second.messages).toEqual([]);
    tell(second.channel, state(1));
    expect([first.messages.length, second.messages.length]).toEqual([1, 1]);
  });

  it("is asked for again where the shell does not answer", async () => {
    answer = ({ command }) => {
      if (command === "subscribe") throw new Error("not yet");
      return null;
    };
    const { connections } = listen(new TauriTransport());
    await vi.advanceTimersByTimeAsync(0);
    expect(connections).toEqual(["connecting", "lost"]);
    answer = () => null;
    await vi.advanceTimersByTimeAsync(1000);
    tell(called("subscribe").at(-1)?.channel as ShellChannel, state(1));
    expect(connections.at(-1)).toBe("open");
  });
});

describe("what the page says", () => {
  it("is which download it watches, again for a new channel", async () => {
    const transport = new TauriTransport();
    listen(transport);
    await vi.advanceTimersByTimeAsync(0);
    transport.watch(7);
    await vi.advanceTimersByTimeAsync(0);
    expect(called("say")).toEqual([{ message: { kind: "watch", id: 7 } }]);
    listen(transport);
    await vi.advanceTimersByTimeAsync(0);
    expect(called("say").at(-1)).toEqual({ message: { kind: "watch", id: 7 } });
  });

  it("is whether somebody looks", () => {
    listen(new TauriTransport());
    setVisible(false);
    expect(called("say")).toEqual([{ message: { kind: "look", looking: false } }]);
    setVisible(true);
    expect(called("say").at(-1)).toEqual({ message: { kind: "look", looking: true } });
  });

  it("is that nobody looks, once the last listener is gone", () => {
    const { messages, stop, channel } = listen(new TauriTransport());
    stop();
    tell(channel, state(1));
    expect(messages).toEqual([]);
    expect(called("say")).toEqual([{ message: { kind: "look", looking: false } }]);
  });
});
