import type { LogEntry, LogKind, Notch, Worker, WorkerState } from "@/generated";
import type { Random } from "./random";
import { gapsOf, insertRange, type Range, sumRanges } from "./ranges";

const MIB = 1 << 20;

/** How a simulated server behaves towards one download. */
export interface Server {
  connections: number;
  /** What one connection gets. */
  perConnection_bytes_per_s: number;
  /** What all of them get together. */
  line_bytes_per_s: number;
  /** A worker of this number crawls, so that its range is stolen. */
  slowWorker: number | null;
  sendsRanges: boolean;
}

interface SimulatedWorker {
  id: number;
  began: number;
  at: number;
  end: number;
  rate: number;
  tries: number;
  state: WorkerState;
  wait_ms: number;
}

const SMOOTHED_OVER_MS = 1500;
const RATES_KEPT = 600;
const LOG_KEPT = 500;

/** One file on its way: workers that fill it, steal from each other, and race at the end. */
export class Transfer {
  done: Range[];
  workers: SimulatedWorker[] = [];
  rate_bytes_per_s = 0;
  rates_bytes_per_s: number[] = [];
  requests = 0;
  retries = 0;
  bytesDiscarded = 0;
  connectionsPeak = 0;
  log: LogEntry[] = [];
  #second = { elapsed_ms: 0, bytes: 0 };
  #bytesOfUnknownLength = 0;

  constructor(
    readonly length: number | null,
    readonly server: Server,
    done: Range[],
    private readonly random: Random,
  ) {
    this.done = done;
    this.#bytesOfUnknownLength = length === null ? sumRanges(done) : 0;
  }

  get bytes(): number {
    return this.length === null ? this.#bytesOfUnknownLength : sumRanges(this.done);
  }

  get finished(): boolean {
    return this.length !== null && this.bytes >= this.length;
  }

  /** Lets time pass. `cap` is what limits of the person leave for it. */
  advance(dt_ms: number, now_ms: number, cap_bytes_per_s: number): void {
    const before = this.bytes;
    if (this.length === null) {
      this.#bytesOfUnknownLength += Math.floor((this.server.perConnection_bytes_per_s * dt_ms) / 1000);
    } else if (!this.finished) {
      this.#employ(now_ms);
      this.#receive(dt_ms, now_ms, cap_bytes_per_s);
    }
    this.#measure(this.bytes - before, dt_ms);
    this.connectionsPeak = Math.max(this.connectionsPeak, this.delivering);
  }

  /** Makes up what was measured before the simulation began. */
  remember(active_ms: number): void {
    const { connections, perConnection_bytes_per_s, line_bytes_per_s, sendsRanges } = this.server;
    const usual = Math.min(line_bytes_per_s, perConnection_bytes_per_s * (sendsRanges ? connections : 1));
    const seconds = Math.min(RATES_KEPT, Math.floor(active_ms / 1000));
    this.rates_bytes_per_s = Array.from({ length: seconds }, (_, second) => {
      const dip = second % 97 > 88 ? 0.7 : 1;
      return usual * dip * Math.min(1, (second + 1) / 6) * this.random.between(0.93, 1);
    });
    if (seconds > 0) this.rate_bytes_per_s = usual;
    this.connectionsPeak = connections;
  }

  /** Connections that deliver now. */
  get delivering(): number {
    if (this.length === null) return 1;
    return this.workers.filter((worker) => worker.state !== "asking").length;
  }

  stop(): void {
    this.workers = [];
    this.rate_bytes_per_s = 0;
  }

  note(at_ms: number, kind: LogKind, text: string): void {
    const last = this.log[this.log.length - 1];
    if (last && last.text === text) this.log[this.log.length - 1] = { ...last, at_ms, times: last.times + 1 };
    else this.log = [...this.log.slice(1 - LOG_KEPT), { at_ms, kind, text, times: 1 }];
  }

  notches(): Notch[] {
    return this.workers
      .slice(0, 64)
      .map(({ id, at, end, rate }) => [id, Math.floor(at), end, Math.round(rate)]);
  }

  /** `hosts` share the connections. */
  describeWorkers(hosts: readonly [string, ...string[]]): Worker[] {
    return this.workers.map(({ id, began, at, end, rate, tries, state }) => ({
      id,
      host: hosts[id % hosts.length] ?? hosts[0],
      began,
      at: Math.floor(at),
      end,
      rate_bytes_per_s: rate,
      tries,
      state,
    }));
  }

  #employ(now_ms: number): void {
    const length = this.length ?? 0;
    if (this.workers.length === 0) this.#cutFresh(length);
    const wanted = this.server.sendsRanges ? this.server.connections : 1;
    while (this.workers.length < wanted) if (!this.#steal(now_ms)) break;
  }

  /** The first workers take what is missing; the largest gaps are cut until there is one for each. */
  #cutFresh(length: number): void {
    const wanted = this.server.sendsRanges ? this.server.connections : 1;
    const parts = gapsOf(this.done, length);
    while (parts.length < wanted) {
      const largest = parts.reduce((most, part) => (part[1] - part[0] > most[1] - most[0] ? part : most));
      if (largest[1] - largest[0] < 2 * MIB) break;
      const cut = Math.floor((largest[0] + largest[1]) / 2);
      parts.push([cut, largest[1]]);
      largest[1] = cut;
    }
    for (const [start, end] of parts.slice(0, wanted)) this.#begin(start, end, "asking");
  }

  /** A worker without a range takes a gap that nobody fills, half of the largest one, or races for a small one. */
  #steal(now_ms: number): boolean {
    const open = gapsOf(
      this.workers.reduce((ranges, { at, end }) => insertRange(ranges, [at, end]), this.done),
      this.length ?? 0,
    );
    const gap = open.find(([start, end]) => end - start >= 1);
    if (gap) {
      this.#begin(gap[0], gap[1], "asking");
      return true;
    }
    const victim = this.workers.toSorted((a, b) => b.end - b.at - (a.end - a.at))[0];
    if (!victim) return false;
    const left = victim.end - victim.at;
    if (left > 2 * MIB) {
      const cut = Math.floor(victim.at + left / 2);
      this.#begin(cut, victim.end, "asking");
      victim.end = cut;
      this.note(now_ms, "progress", `Connection ${victim.id + 1} gave the second half of its range away.`);
      return true;
    }
    const racing = this.workers.filter((worker) => worker.state === "racing").length;
    if (left > 128 * 1024 && racing < 4 && victim.state === "receiving") {
      this.#begin(Math.floor(victim.at), victim.end, "racing");
      this.note(now_ms, "progress", `Two connections race for the last part of connection ${victim.id + 1}.`);
      return true;
    }
    return false;
  }

  #begin(from: number, end: number, state: WorkerState): void {
    const taken = new Set(this.workers.map((worker) => worker.id));
    // Numbers stay small: a free one is used again.
    let id = 0;
    while (taken.has(id)) id++;
    this.requests++;
    const wait_ms = state === "asking" ? this.random.between(60, 380) : 0;
    this.workers.push({ id, began: from, at: from, end, rate: 0, tries: 0, state, wait_ms });
  }

  #receive(dt_ms: number, now_ms: number, cap_bytes_per_s: number): void {
    const most = Math.min(cap_bytes_per_s, this.server.line_bytes_per_s);
    const receiving = this.workers.filter((worker) => worker.state !== "asking").length;
    const each = Math.min(this.server.perConnection_bytes_per_s, most / Math.max(1, receiving));
    for (const worker of this.workers) {
      if (worker.state === "asking") {
        worker.wait_ms -= dt_ms;
        if (worker.wait_ms <= 0) worker.state = "receiving";
        continue;
      }
      const crawls = worker.id === this.server.slowWorker;
      const aim = crawls ? each * 0.05 : each * this.random.between(0.92, 1.04);
      worker.rate += (aim - worker.rate) * Math.min(1, dt_ms / 400);
      worker.at = Math.min(worker.end, worker.at + (worker.rate * dt_ms) / 1000);
      this.done = insertRange(this.done, [worker.began, Math.floor(worker.at)]);
      if (!crawls && this.random.next() < dt_ms / 90_000) {
        worker.tries++;
        worker.state = "asking";
        worker.rate = 0;
        worker.wait_ms = this.random.between(300, 1200);
        worker.began = Math.floor(worker.at);
        this.retries++;
        this.note(now_ms, "trouble", "The server closed a connection before its range was complete.");
      }
    }
    this.#dismiss();
  }

  /** Workers whose range is there let go of it: their own end, or a race that another won. */
  #dismiss(): void {
    const kept: SimulatedWorker[] = [];
    for (const worker of this.workers) {
      const range = this.done.find(([start, end]) => start <= worker.at && worker.at < end);
      if (worker.at >= worker.end || (range && range[1] >= worker.end)) {
        if (worker.at < worker.end) this.bytesDiscarded += Math.floor(worker.at - worker.began);
      } else kept.push(worker);
    }
    this.workers = kept;
  }

  #measure(bytes: number, dt_ms: number): void {
    if (dt_ms <= 0) return;
    const now = (bytes * 1000) / dt_ms;
    const weight = 1 - Math.exp(-dt_ms / SMOOTHED_OVER_MS);
    this.rate_bytes_per_s += (now - this.rate_bytes_per_s) * weight;
    this.#second.elapsed_ms += dt_ms;
    this.#second.bytes += bytes;
    while (this.#second.elapsed_ms >= 1000) {
      const mean = (this.#second.bytes * 1000) / this.#second.elapsed_ms;
      this.rates_bytes_per_s = [...this.rates_bytes_per_s.slice(1 - RATES_KEPT), mean];
      this.#second.elapsed_ms -= 1000;
      this.#second.bytes = mean * (this.#second.elapsed_ms / 1000);
    }
  }
}
