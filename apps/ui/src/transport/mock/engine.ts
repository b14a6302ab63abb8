import type {
  Category,
  Cause,
  Command,
  Counts,
  Detail,
  DownloadId,
  Event,
  Message,
  Moving,
  Queue,
  Reply,
  Root,
  Row,
  Settings,
  Snapshot,
  Standing,
  State,
  Validator,
} from "@/generated";
import { SCHEMA_VERSION } from "@/generated/version";
import { CATEGORIES, GB, inventDigest, QUEUES, ROOT, SETTINGS } from "./catalogue";
import { execute } from "./commands";
import type { Removed, Simulated, World } from "./model";
import { Random } from "./random";
import { cellsOf } from "./ranges";
import { type Scenario, Scene } from "./scenarios";

/** How far apart snapshots are. */
export const SNAPSHOT_EVERY_MS = 250;
const PROBING_MS = 900;
const VERIFYING_MS = 1400;

export interface MockOptions {
  scenario: Scenario;
  seed: number;
  start_ms: number;
}

/** A whole simulated engine. Time passes only when `advance` says so, so a test sees the same thing each time. */
export class MockEngine implements World {
  readonly downloads = new Map<DownloadId, Simulated>();
  readonly removed = new Map<DownloadId, Removed>();
  readonly folders = new Set(
    ["Video", "Music", "Disk images", "Archives", "Documents", "Programs"].map((name) => `${ROOT}/${name}`),
  );
  /** Folders beside the root that somebody chose. */
  readonly chosen = new Set<string>();
  queues: Queue[] = structuredClone(QUEUES);
  categories: Category[] = structuredClone(CATEGORIES);
  settings: Settings = structuredClone(SETTINGS);
  now_ms: number;
  readonly random: Random;
  #sequence = 0;
  #watched: DownloadId | null = null;
  #dirty = new Set<DownloadId>();
  #listeners = new Set<(message: Message) => void>();

  constructor({ scenario, seed, start_ms }: MockOptions) {
    this.now_ms = start_ms;
    this.random = new Random(seed);
    for (const simulated of new Scene(start_ms, seed).build(scenario)) {
      this.downloads.set(simulated.row.id, simulated);
      simulated.transfer.note(simulated.row.added_at_ms, "notice", `Added from ${simulated.row.host}.`);
    }
  }

  execute(command: Command): Reply {
    const reply = execute(this, command);
    this.#flush();
    return reply;
  }

  /** Tells a listener everything, and then what changes. */
  subscribe(listener: (message: Message) => void): () => void {
    listener({ kind: "state", sequence: this.#sequence, state: this.state() });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(id: DownloadId | null): void {
    this.#watched = id;
  }

  /** Lets time pass, snapshot by snapshot. */
  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed += SNAPSHOT_EVERY_MS) {
      this.#step(Math.min(SNAPSHOT_EVERY_MS, ms - passed));
    }
  }

  state(): State {
    return {
      schema_version: SCHEMA_VERSION,
      program_version: "0.1.0",
      rows: [...this.downloads.values()]
        .map(({ row }) => row)
        .filter(({ standing }) => standing.kind !== "finished"),
      queues: this.queues,
      categories: this.categories,
      settings: this.settings,
      roots: this.roots(),
      counts: this.counts(),
      snapshot: this.snapshot(),
    };
  }

  snapshot(): Snapshot {
    const moving = [...this.downloads.values()].filter(isMoving).map((simulated) => this.#moving(simulated));
    return {
      at_ms: this.now_ms,
      moving,
      rate_bytes_per_s: moving.reduce((sum, { rate_bytes_per_s }) => sum + rate_bytes_per_s, 0),
      detail: this.#watched === null ? null : this.detail(this.#watched),
    };
  }

  counts(): Counts {
    const counts: Counts = { all: this.downloads.size, finished: 0, categories: [] };
    const byCategory = new Map<number, number>();
    for (const { row } of this.downloads.values()) {
      if (row.standing.kind === "finished") counts.finished++;
      if (row.category !== null) byCategory.set(row.category, (byCategory.get(row.category) ?? 0) + 1);
    }
    counts.categories = [...byCategory].sort(([a], [b]) => a - b);
    return counts;
  }

  firstRoot(): Root {
    let needed_bytes = 0;
    for (const { row } of this.downloads.values())
      if (row.standing.kind !== "finished") needed_bytes += Math.max(0, (row.length ?? 0) - row.bytes);
    return { path: ROOT, chosen: false, free_bytes: 412 * GB, needed_bytes };
  }

  roots(): Root[] {
    const chosen = [...this.chosen].map((path) => ({
      path,
      chosen: true,
      free_bytes: 96 * GB,
      needed_bytes: 0,
    }));
    return [this.firstRoot(), ...chosen];
  }

  detail(id: DownloadId): Detail | null {
    const simulated = this.downloads.get(id);
    if (!simulated) return null;
    const { row, transfer } = simulated;
    const finished = row.standing.kind === "finished";
    const digest = inventDigest(new Random(id));
    return {
      id,
      ranges: finished && row.length ? [[0, row.length]] : transfer.done,
      workers: transfer.describeWorkers(hostsOf(row)),
      requests: transfer.requests,
      retries: transfer.retries,
      bytes_discarded: transfer.bytesDiscarded,
      bytes_hashed: finished ? row.bytes : transfer.done[0]?.[0] === 0 ? transfer.done[0][1] : 0,
      connections_peak: transfer.connectionsPeak,
      cause: row.standing.kind === "downloading" ? this.#causeOf(simulated) : null,
      resumable: row.standing.kind === "probing" ? null : transfer.server.sendsRanges,
      validator: row.standing.kind === "probing" ? null : validatorOf(id, transfer.server.sendsRanges),
      digests: row.verified
        ? [row.verified]
        : id % 2
          ? [{ kind: "by", algorithm: "sha256", digest, given: false }]
          : [],
      sources: [
        { url: row.url, state: { kind: "used" } },
        ...Array.from({ length: row.mirrors }, (_, mirror) => ({
          url: `https://${mirrorHost(mirror)}/${encodeURIComponent(row.name)}`,
          state:
            mirror === DROPPED_MIRROR
              ? ({ kind: "dropped", reason: "Its file has another length." } as const)
              : ({ kind: "used" } as const),
        })),
      ],
      header_names: id === 1 ? ["Cookie", "Referer"] : [],
      rates_bytes_per_s: transfer.rates_bytes_per_s,
      log: transfer.log,
    };
  }

  /** Puts a download where it stands now; listeners hear of it once the command or the step is over. */
  stand(simulated: Simulated, standing: Standing, left_ms: number | null = null): void {
    const { transfer } = simulated;
    if (standing.kind !== "downloading") transfer.stop();
    const finished = standing.kind === "finished";
    this.change(simulated, {
      standing,
      bytes: finished ? (simulated.row.length ?? transfer.bytes) : transfer.bytes,
      length: finished ? (simulated.row.length ?? transfer.bytes) : simulated.row.length,
      cells: finished ? "" : cellsOf(transfer.done, simulated.row.length),
      finished_at_ms: finished ? this.now_ms : null,
    });
    simulated.left_ms = left_ms;
  }

  change(simulated: Simulated, changes: Partial<Row>): void {
    simulated.row = { ...simulated.row, ...changes };
    this.#dirty.add(simulated.row.id);
  }

  emit(event: Event): void {
    this.#send({ kind: "event", sequence: ++this.#sequence, event });
  }

  #step(dt_ms: number): void {
    this.now_ms += dt_ms;
    this.#startQueued();
    const moving = [...this.downloads.values()].filter(({ row }) => row.standing.kind === "downloading");
    const { limit_on, limit_bytes_per_s } = this.settings.network;
    const share = limit_on && limit_bytes_per_s ? limit_bytes_per_s / Math.max(1, moving.length) : Infinity;
    for (const simulated of moving) {
      const cap = Math.min(share, simulated.row.limit_bytes_per_s ?? Infinity);
      simulated.transfer.advance(dt_ms, this.now_ms, cap);
      simulated.row = { ...simulated.row, active_ms: simulated.row.active_ms + dt_ms };
      if (simulated.transfer.finished) this.stand(simulated, { kind: "verifying" }, VERIFYING_MS);
    }
    for (const simulated of this.downloads.values()) this.#age(simulated, dt_ms);
    for (const [id, { until_ms }] of this.removed) if (until_ms <= this.now_ms) this.removed.delete(id);
    this.#flush();
    this.#send({ kind: "snapshot", sequence: ++this.#sequence, snapshot: this.snapshot() });
  }

  #startQueued(): void {
    for (const queue of this.queues) {
      if (!queue.running) continue;
      const inQueue = [...this.downloads.values()].filter(({ row }) => row.queue === queue.id);
      let free = queue.at_once - inQueue.filter(isMoving).length;
      const waiting = inQueue.filter(({ row }) => row.standing.kind === "queued");
      for (const simulated of waiting.sort((a, b) => a.row.position - b.row.position)) {
        if (free-- <= 0) break;
        this.stand(simulated, { kind: "probing" }, PROBING_MS);
      }
    }
  }

  /** Standings that last for a time go over into the next. */
  #age(simulated: Simulated, dt_ms: number): void {
    if (simulated.left_ms === null) return;
    simulated.left_ms -= dt_ms;
    if (simulated.left_ms > 0) return;
    const { row, transfer } = simulated;
    switch (row.standing.kind) {
      case "probing":
        transfer.note(this.now_ms, "notice", "The server sends ranges and a strong ETag.");
        this.stand(simulated, { kind: "downloading" });
        break;
      case "waiting":
        this.stand(simulated, { kind: "queued" });
        break;
      case "verifying":
        this.stand(simulated, { kind: "finished" });
        this.change(simulated, {
          verified: {
            kind: "by",
            algorithm: "sha256",
            digest: inventDigest(new Random(row.id)),
            given: false,
          },
        });
        this.#flush();
        this.emit({ kind: "notice", notice: { kind: "finished", id: row.id, name: row.name } });
        break;
    }
  }

  #moving({ row, transfer }: Simulated): Moving {
    const left = row.length === null ? null : row.length - transfer.bytes;
    const rate = row.standing.kind === "downloading" ? transfer.rate_bytes_per_s : 0;
    return {
      id: row.id,
      standing: row.standing,
      length: row.length,
      bytes: transfer.bytes,
      rate_bytes_per_s: rate,
      time_left_ms: left === null || rate < 1 ? null : Math.round((left / rate) * 1000),
      connections: row.standing.kind === "downloading" ? transfer.delivering : 0,
      cells: cellsOf(transfer.done, row.length),
      notches: row.length === null ? [] : transfer.notches(),
    };
  }

  #causeOf({ row, transfer }: Simulated): Cause {
    const { server } = transfer;
    const { limit_on, limit_bytes_per_s } = this.settings.network;
    if (limit_on && limit_bytes_per_s) return { kind: "user_limit", rate_bytes_per_s: limit_bytes_per_s };
    if (row.limit_bytes_per_s) return { kind: "user_limit", rate_bytes_per_s: row.limit_bytes_per_s };
    if (!server.sendsRanges) return { kind: "no_ranges" };
    if (server.perConnection_bytes_per_s * server.connections > server.line_bytes_per_s)
      return { kind: "line_full", rate_bytes_per_s: server.line_bytes_per_s };
    if (server.connections < 24) return { kind: "host_limit", connections: server.connections };
    return {
      kind: "per_connection_limit",
      rate_bytes_per_s: server.perConnection_bytes_per_s,
      connections: server.connections,
    };
  }

  #flush(): void {
    if (this.#dirty.size === 0) return;
    const rows = [...this.#dirty].flatMap((id) => this.downloads.get(id)?.row ?? []);
    this.#dirty.clear();
    if (rows.length > 0) this.emit({ kind: "changed", rows, counts: this.counts() });
  }

  #send(message: Message): void {
    for (const listener of this.#listeners) listener(message);
  }
}

function isMoving({ row }: Simulated): boolean {
  return (
    row.standing.kind === "downloading" ||
    row.standing.kind === "probing" ||
    row.standing.kind === "verifying"
  );
}

/** Most servers name versions well, some do not, and what sends no ranges seldom does. */
function validatorOf(id: DownloadId, sendsRanges: boolean): Validator {
  if (!sendsRanges) return "none";
  const [first, ...others] = ["strong_entity_tag", "strong_date", "weak"] as const;
  return id % 4 === 3 ? (others[id % others.length] ?? first) : first;
}

const DROPPED_MIRROR = 2;
const mirrorHost = (mirror: number) => `mirror-${mirror + 3}.example.net`;

function hostsOf({ host, mirrors }: Row): [string, ...string[]] {
  const others = Array.from({ length: mirrors }, (_, mirror) => mirrorHost(mirror));
  return [host, ...others.filter((_, mirror) => mirror !== DROPPED_MIRROR)];
}
