import type { Command, DownloadId, Message, Reply } from "@/generated";
import { MockEngine, type MockOptions, SNAPSHOT_EVERY_MS } from "./mock/engine";
import { SCENARIOS, type Scenario } from "./mock/scenarios";
import type { Connection, Desktop, Transport, TransportListener, Unsubscribe } from "./types";

/** How long the simulated server takes to look at an address. */
const PROBE_TAKES_MS = 450;

/** The way to a simulated engine in the page itself: for development, tests and pictures. */
export class MockTransport implements Transport {
  /** Tests put one there. */
  desktop: Desktop | null = null;
  readonly engine: MockEngine;
  #connection: Connection = "open";
  #listeners = new Map<TransportListener, Unsubscribe>();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(options: MockOptions) {
    this.engine = new MockEngine(options);
  }

  async execute(command: Command): Promise<Reply> {
    if (command.action === "probe" && this.#timer) await new Promise((go) => setTimeout(go, PROBE_TAKES_MS));
    if (this.#connection !== "open")
      return {
        kind: "failed",
        failure: { code: "gave_out", message: "The connection to the program is lost.", remedy: "retry" },
      };
    // What crosses a wire is a copy.
    return structuredClone(this.engine.execute(structuredClone(command)));
  }

  subscribe(listener: TransportListener): Unsubscribe {
    this.#listeners.set(listener, () => {});
    this.#attach(listener);
    return () => {
      this.#listeners.get(listener)?.();
      this.#listeners.delete(listener);
    };
  }

  watch(id: DownloadId | null): void {
    this.engine.watch(id);
  }

  /** Loses or finds the connection. */
  setConnection(connection: Connection): void {
    this.#connection = connection;
    for (const listener of this.#listeners.keys()) this.#attach(listener);
  }

  /** Tells the page a message again, for measuring what one costs. */
  replay(message: Message): void {
    for (const listener of this.#listeners.keys()) listener.message(message);
  }

  /** Lets time pass by itself, as fast as the clock on the wall. */
  run(): void {
    this.#timer ??= setInterval(() => this.engine.advance(SNAPSHOT_EVERY_MS), SNAPSHOT_EVERY_MS);
  }

  /** Lets time stand still; `engine.advance` moves it. */
  halt(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #attach(listener: TransportListener): void {
    this.#listeners.get(listener)?.();
    listener.connection(this.#connection);
    this.#listeners.set(
      listener,
      this.#connection === "open"
        ? this.engine.subscribe((message) => listener.message(structuredClone(message)))
        : () => {},
    );
  }
}

/** Reads `?scenario=many&seed=7&clock=manual`. */
export function mockOptionsFrom(query: URLSearchParams, now_ms: number): MockOptions & { manual: boolean } {
  const asked = query.get("scenario");
  const scenario: Scenario = SCENARIOS.find((known) => known === asked) ?? "busy";
  return {
    scenario,
    seed: Number(query.get("seed") ?? 1),
    start_ms: now_ms,
    manual: query.get("clock") === "manual",
  };
}
