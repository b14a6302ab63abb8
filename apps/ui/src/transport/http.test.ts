import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message, Reply } from "@/generated";
import { type Browser, HttpTransport } from "./http";
import { MockEngine } from "./mock/engine";
import type { Connection } from "./types";

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = WebSocket.OPEN;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;

  constructor() {
    FakeSocket.all.push(this);
  }
  static get latest(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
}

const engine = new MockEngine({ scenario: "empty", seed: 1, start_ms: 0 });
const state = (sequence: number): Message => ({ kind: "state", sequence, state: engine.state() });
const snapshot = (sequence: number): Message => ({ kind: "snapshot", sequence, snapshot: engine.snapshot() });

let visible = true;
let visibilityChanged = () => {};
let online = () => {};
let answer: () => Promise<Response>;

const browser: Browser = {
  fetch: vi.fn(() => answer()),
  openSocket: () => new FakeSocket() as unknown as WebSocket,
  isVisible: () => visible,
  onVisibility: (listener) => {
    visibilityChanged = listener;
    return () => {};
  },
  onOnline: (listener) => {
    online = listener;
    return () => {};
  },
};

function listen(transport: HttpTransport) {
  const messages: Message[] = [];
  const connections: Connection[] = [];
  const stop = transport.subscribe({
    message: (message) => messages.push(message),
    connection: (connection) => connections.push(connection),
  });
  return { messages, connections, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  visible = true;
  answer = async () => new Response(null, { status: 426 });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a command", () => {
  it("is posted as JSON and answered by a reply", async () => {
    answer = async () => Response.json({ kind: "done" } satisfies Reply);
    const reply = await new HttpTransport(browser).execute({ action: "pause_all" });
    expect(reply).toEqual({ kind: "done" });
    expect(browser.fetch).toHaveBeenLastCalledWith(
      "/api/command",
      expect.objectContaining({ method: "POST", body: '{"action":"pause_all"}' }),
    );
  });

  it("is given up where no answer comes, but for those that take as long as they take", async () => {
    const transport = new HttpTransport(browser);
    answer = async () => Response.json({ kind: "done" } satisfies Reply);
    const signal = () => vi.mocked(browser.fetch).mock.lastCall?.[1].signal;
    await transport.execute({ action: "pause_all" });
    expect(signal()).toBeInstanceOf(AbortSignal);
    await transport.execute({ action: "move_files", ids: [1], folder: "/mnt/slow" });
    expect(signal()).toBeUndefined();
  });

  it("never rejects: a network that is gone is a failed reply", async () => {
    answer = () => Promise.reject(new TypeError("Failed to fetch"));
    const reply = await new HttpTransport(browser).execute({ action: "pause_all" });
    expect(reply).toMatchObject({ kind: "failed", failure: { code: "gave_out" } });
  });

  it("says so where the page is not signed in", async () => {
    const transport = new HttpTransport(browser);
    const { connections } = listen(transport);
    answer = async () => new Response("", { status: 401 });
    const reply = await transport.execute({ action: "pause_all" });
    expect(reply).toMatchObject({ kind: "failed", failure: { code: "unauthorized" } });
    expect(connections.at(-1)).toBe("unauthorized");
  });

  it("is failed where the answer is no reply", async () => {
    answer = async () => new Response("<html>", { status: 502 });
    const reply = await new HttpTransport(browser).execute({ action: "pause_all" });
    expect(reply.kind).toBe("failed");
  });
});

describe("what changes", () => {
  it("is told in order, beginning with a whole state", () => {
    const { messages, connections } = listen(new HttpTransport(browser));
    FakeSocket.latest.say(state(4));
    FakeSocket.latest.say(snapshot(5));
    expect(messages.map(({ sequence }) => sequence)).toEqual([4, 5]);
    expect(connections).toEqual(["connecting", "open"]);
  });

  it("is asked for anew where a number is missing", () => {
    const { messages } = listen(new HttpTransport(browser));
    const first = FakeSocket.latest;
    first.say(state(1));
    first.say(snapshot(3));
    expect(first.closed).toBe(true);
    FakeSocket.latest.say(state(9));
    expect(messages.map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ["state", 1],
      ["state", 9],
    ]);
  });

  it("may jump where the server itself sends the whole state anew", () => {
    const { messages } = listen(new HttpTransport(browser));
    FakeSocket.latest.say(state(1));
    FakeSocket.latest.say(state(40));
    FakeSocket.latest.say(snapshot(41));
    expect(messages).toHaveLength(3);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("survives a message that cannot be read", () => {
    const { messages } = listen(new HttpTransport(browser));
    FakeSocket.latest.say("{");
    FakeSocket.latest.say(state(1));
    expect(messages).toHaveLength(1);
  });
});

describe("a lost connection", () => {
  it("is looked for again after growing waits", async () => {
    const { connections } = listen(new HttpTransport(browser));
    FakeSocket.latest.say(state(1));
    for (const wait_ms of [250, 500, 1000, 2000]) {
      const tried = FakeSocket.all.length;
      FakeSocket.latest.onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(wait_ms - 1);
      expect(FakeSocket.all.length).toBe(tried);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSocket.all.length).toBe(tried + 1);
    }
    FakeSocket.latest.say(state(1));
    expect(connections).toEqual(["connecting", "open", "lost", "open"]);
  });

  it("is not looked for where the page is not signed in", async () => {
    const { connections } = listen(new HttpTransport(browser));
    answer = async () => new Response("", { status: 401 });
    FakeSocket.latest.onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connections.at(-1)).toBe("unauthorized");
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("is said at once, however long the server takes to say why", () => {
    const { connections } = listen(new HttpTransport(browser));
    FakeSocket.latest.say(state(1));
    answer = () => new Promise(() => {});
    FakeSocket.latest.onclose?.({ code: 1006 });
    expect(connections.at(-1)).toBe("lost");
  });

  it("is not waited for without end: who asks why gives up", async () => {
    listen(new HttpTransport(browser));
    FakeSocket.latest.onclose?.({ code: 1006 });
    expect(vi.mocked(browser.fetch).mock.lastCall?.[1].signal).toBeInstanceOf(AbortSignal);
  });

  it("is noticed where something moves and nothing is told any more", async () => {
    const { connections } = listen(new HttpTransport(browser));
    const moving = new MockEngine({ scenario: "busy", seed: 1, start_ms: 0 });
    FakeSocket.latest.say({ kind: "state", sequence: 1, state: moving.state() });
    await vi.advanceTimersByTimeAsync(9000);
    expect(FakeSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(4000);
    expect(connections.at(-1)).toBe("lost");
    expect(FakeSocket.all[0]?.closed).toBe(true);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is noticed where nothing moves and nobody is there any more; somebody who is there is left alone", async () => {
    const { connections } = listen(new HttpTransport(browser));
    FakeSocket.latest.say(state(1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connections.at(-1)).toBe("open");
    expect(FakeSocket.all).toHaveLength(1);
    answer = () => Promise.reject(new TypeError("Failed to fetch"));
    await vi.advanceTimersByTimeAsync(33_000);
    expect(connections.at(-1)).toBe("lost");
  });

  it("is made anew where the machine slept, or has a network again", async () => {
    listen(new HttpTransport(browser));
    FakeSocket.latest.say(state(1));
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(2000);
    expect(FakeSocket.all).toHaveLength(2);
    online();
    expect(FakeSocket.all).toHaveLength(3);
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, true, false]);
  });

  it("is made anew for whoever comes back after long, and left alone for a glance elsewhere", async () => {
    listen(new HttpTransport(browser));
    FakeSocket.latest.say(state(1));
    const away = async (time_ms: number) => {
      visible = false;
      visibilityChanged();
      await vi.advanceTimersByTimeAsync(time_ms);
      visible = true;
      visibilityChanged();
    };
    await away(10_000);
    expect(FakeSocket.all).toHaveLength(1);
    await away(60_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is looked for again by whoever comes back to a page that was not signed in", async () => {
    const { connections } = listen(new HttpTransport(browser));
    answer = async () => new Response("", { status: 401 });
    FakeSocket.latest.onclose?.({ code: 4401 });
    expect(connections.at(-1)).toBe("unauthorized");
    visibilityChanged();
    expect(FakeSocket.all).toHaveLength(2);
    // Nobody signed in meanwhile: it is not called lost in between.
    FakeSocket.latest.onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(connections).not.toContain("lost");
    expect(FakeSocket.all).toHaveLength(2);
    visibilityChanged();
    FakeSocket.latest.say(state(1));
    expect(connections.at(-1)).toBe("open");
  });

  it("is looked for at once when somebody comes back to the page", async () => {
    listen(new HttpTransport(browser));
    for (let tries = 0; tries < 5; tries++) {
      FakeSocket.latest.onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(tries < 4 ? 5000 : 0);
    }
    const tried = FakeSocket.all.length;
    visibilityChanged();
    expect(FakeSocket.all.length).toBe(tried + 1);
  });
});

describe("what the page says", () => {
  it("is which download it watches, again after each connection", async () => {
    const transport = new HttpTransport(browser);
    listen(transport);
    transport.watch(7);
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.latest.sent).toEqual([{ kind: "watch", id: 7 }]);
    FakeSocket.latest.say(state(1));
    FakeSocket.latest.say(snapshot(5));
    FakeSocket.latest.onopen?.();
    expect(FakeSocket.latest.sent).toEqual([{ kind: "watch", id: 7 }]);
  });

  it("is no more than the server hears where somebody walks the list with a key held down", async () => {
    const transport = new HttpTransport(browser);
    listen(transport);
    const stepEvery_ms = 33;
    for (let id = 1; id <= 60; id++) {
      // As the details do when another row is chosen.
      transport.watch(null);
      transport.watch(id);
      await vi.advanceTimersByTimeAsync(stepEvery_ms);
    }
    await vi.advanceTimersByTimeAsync(100);
    const said = FakeSocket.latest.sent;
    expect(said.length).toBeLessThanOrEqual((60 * stepEvery_ms) / 100 + 2);
    expect(said).not.toContainEqual({ kind: "watch", id: null });
    expect(said[0]).toEqual({ kind: "watch", id: 1 });
    expect(said.at(-1)).toEqual({ kind: "watch", id: 60 });
    transport.watch(null);
    await vi.advanceTimersByTimeAsync(100);
    expect(FakeSocket.latest.sent.at(-1)).toEqual({ kind: "watch", id: null });
  });

  it("is whether somebody looks", () => {
    listen(new HttpTransport(browser));
    visible = false;
    visibilityChanged();
    expect(FakeSocket.latest.sent).toEqual([{ kind: "look", looking: false }]);
  });

  it("ends with the last listener", () => {
    const { stop } = listen(new HttpTransport(browser));
    stop();
    expect(FakeSocket.latest.closed).toBe(true);
  });

  it("takes counts beyond 2^53 as the nearest that JavaScript holds, and identifiers exactly", () => {
    const { messages } = listen(new HttpTransport(browser));
    FakeSocket.latest.say(state(1));
    const moving = `{"id":4294967295,"standing":{"kind":"downloading"},"length":18446744073709551615,
      "bytes":9007199254740993,"rate_bytes_per_s":1.5,"time_left_ms":null,"connections":1,"cells":"","notches":[]}`;
    FakeSocket.latest.say(
      `{"kind":"snapshot","sequence":2,"snapshot":{"at_ms":1,"rate_bytes_per_s":1.5,"moving":[${moving}],"detail":null}}`,
    );
    const last = messages.at(-1);
    if (last?.kind !== "snapshot") throw new Error("no snapshot came");
    const [{ id, bytes, length } = { id: 0, bytes: 0, length: 0 }] = last.snapshot.moving;
    expect(id).toBe(4_294_967_295);
    expect(Math.abs(bytes - 2 ** 53)).toBeLessThanOrEqual(2);
    expect((length ?? 0) / 2 ** 64).toBeCloseTo(1, 14);
    expect(bytes / (length ?? 1)).toBeLessThan(1);
  });
});
