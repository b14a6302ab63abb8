import type { Failure, FailureCode, Remedy, Row, Standing, WaitReason } from "@/generated";
import { DAY_MS, GB, HOUR_MS, inventDigest, inventFile, MB, MINUTE_MS, makeRow } from "./catalogue";
import type { Simulated } from "./model";
import { Random } from "./random";
import { cellsOf, type Range, sumRanges } from "./ranges";
import { type Server, Transfer } from "./transfer";

export const SCENARIOS = ["busy", "empty", "awful", "many", "failures", "lost"] as const;
export type Scenario = (typeof SCENARIOS)[number];

type Given = Pick<Row, "name" | "host" | "standing"> &
  Partial<Row> & { filled?: number; pieces?: number; server?: Partial<Server> };

const SERVER: Server = {
  connections: 32,
  perConnection_bytes_per_s: 4 * MB,
  line_bytes_per_s: 400 * MB,
  slowWorker: null,
  sendsRanges: true,
};

const failure = (code: FailureCode, message: string, remedy: Remedy | null): Failure => ({
  code,
  message,
  remedy,
});
const failed = (code: FailureCode, message: string, remedy: Remedy | null): Standing => ({
  kind: "failed",
  failure: failure(code, message, remedy),
});

/** Makes the downloads of a scenario; equal seeds make equal downloads. */
export class Scene {
  readonly downloads: Simulated[] = [];
  readonly #random: Random;
  #id = 1;

  constructor(
    readonly start_ms: number,
    seed: number,
  ) {
    this.#random = new Random(seed);
  }

  build(scenario: Scenario): Simulated[] {
    switch (scenario) {
      case "empty":
        break;
      case "busy":
      case "lost":
        this.#busy();
        break;
      case "awful":
        this.#awful();
        break;
      case "failures":
        this.#failures();
        break;
      case "many":
        this.#many();
        break;
    }
    return this.downloads;
  }

  #add({ filled = 0, pieces = 1, server, ...given }: Given): Simulated {
    const length = given.length ?? null;
    const done = length ? this.#scatter(length, filled, pieces) : [];
    const finished = given.standing.kind === "finished";
    const row = makeRow({
      ...given,
      id: this.#id++,
      length,
      bytes: finished ? (length ?? 0) : (given.bytes ?? sumRanges(done)),
      cells: finished ? "" : cellsOf(done, length),
      added_at_ms: given.added_at_ms ?? this.start_ms - this.#id * 7 * MINUTE_MS,
    });
    const transfer = new Transfer(length, { ...SERVER, ...server }, done, new Random(row.id * 7919));
    if (given.standing.kind === "downloading") transfer.remember(row.active_ms);
    const simulated: Simulated = { row, transfer, left_ms: null };
    this.downloads.push(simulated);
    return simulated;
  }

  /** `filled` of the file, in as many pieces as workers left it in. */
  #scatter(length: number, filled: number, pieces: number): Range[] {
    const share = length / pieces;
    return Array.from({ length: pieces }, (_, piece): Range => {
      const start = Math.floor(piece * share);
      const part = Math.min(1, filled * (pieces > 1 ? this.#random.between(0.55, 1.35) : 1));
      return [start, Math.min(length, Math.floor(start + share * part))];
    }).filter(([start, end]) => end > start);
  }

  #busy(): void {
    const downloading: Standing = { kind: "downloading" };
    this.#add({
      name: "ubuntu-26.10-desktop-amd64.iso",
      host: "releases.example.org",
      length: 6.1 * GB,
      standing: downloading,
      filled: 0.52,
      pieces: 32,
      added_at_ms: this.start_ms - 20_000,
      active_ms: 26_000,
      server: { slowWorker: 13 },
    });
    this.#add({
      name: "planet-261116.osm.pbf",
      host: "mirror-2.example.net",
      length: 84.7 * GB,
      mirrors: 3,
      standing: downloading,
      filled: 0.3,
      pieces: 24,
      active_ms: 12 * MINUTE_MS,
      server: { connections: 24, perConnection_bytes_per_s: 2 * MB, line_bytes_per_s: 31.2 * MB },
    });
    this.#add({
      name: "Kestrel Season 2 (2160p).mkv",
      host: "cdn.example.com",
      length: 18.3 * GB,
      standing: downloading,
      filled: 0.6,
      pieces: 16,
      active_ms: 26 * MINUTE_MS,
      server: { connections: 16, perConnection_bytes_per_s: 0.82 * MB },
    });
    this.#add({
      name: "gannet-colony-survey.tar.zst",
      host: "archive.example.org",
      standing: downloading,
      bytes: 412 * MB,
      server: { connections: 1, perConnection_bytes_per_s: 3.1 * MB, sendsRanges: false },
    });
    this.#add({
      name: "llama-weights-00007-of-00030.safetensors",
      host: "models.example.ai",
      length: 4.9 * GB,
      filled: 0.5,
      pieces: 12,
      standing: failed("expired", "The server answers 403: the link's signature has expired.", "new_link"),
      added_at_ms: this.start_ms - HOUR_MS,
    });
    this.#add({
      name: "field-recordings-2026.zip",
      host: "archive.example.org",
      length: 2.2 * GB,
      filled: 0.46,
      pieces: 7,
      standing: { kind: "paused" },
      added_at_ms: this.start_ms - 1.4 * HOUR_MS,
    });
    this.#add({
      name: "Tidewater (Remastered).flac",
      host: "media.example.net",
      length: 412 * MB,
      filled: 1,
      standing: { kind: "verifying" },
    }).left_ms = 6000;
    this.#add({
      name: "lecture-notes-hydrology.pdf",
      host: "www.example.com",
      standing: { kind: "probing" },
    }).left_ms = 4000;
    this.#add({
      name: "satellite-tiles-2026-10.zip",
      host: "tiles.example.net",
      length: 11.8 * GB,
      filled: 0.18,
      pieces: 9,
      standing: {
        kind: "waiting",
        reason: "server",
        retry_at_ms: this.start_ms + 42_000,
        failure: failure("gave_out", "tiles.example.net answers 503: it asks to wait.", "retry"),
      },
    }).left_ms = 42_000;
    this.#add({
      name: "debian-13.3.0-amd64-DVD-1.iso",
      host: "cdimage.example.org",
      length: 3.9 * GB,
      standing: { kind: "queued" },
      server: { connections: 12, perConnection_bytes_per_s: 3 * MB },
    });
    this.#add({
      name: "wikipedia-en-all-2026-10.zim",
      host: "dumps.example.org",
      length: 109 * GB,
      queue: 2,
      standing: { kind: "scheduled", at_ms: this.start_ms + 7.2 * HOUR_MS },
    });
    this.#add({
      name: "northern-lights-timelapse.mov",
      host: "media.example.net",
      length: 27.4 * GB,
      queue: 2,
      standing: { kind: "scheduled", at_ms: this.start_ms + 7.2 * HOUR_MS },
    });
    this.#finished(
      "debian-13.3.0-amd64-netinst.iso",
      "cdimage.example.org",
      702 * MB,
      2 * HOUR_MS,
      5100,
      true,
    );
    this.#finished("annual-report-2026.pdf", "www.example.com", 18.4 * MB, DAY_MS, 400, false);
    for (let number = 1; number <= 44; number++) {
      const { name, host, length } = inventFile(this.#random, number);
      this.#finished(name, host, length, number * 9.5 * HOUR_MS + DAY_MS, length / 90_000, number % 3 === 0);
    }
  }

  #finished(
    name: string,
    host: string,
    length: number,
    ago_ms: number,
    active_ms: number,
    verified: boolean,
  ): void {
    this.#add({
      name,
      host,
      length,
      standing: { kind: "finished" },
      added_at_ms: this.start_ms - ago_ms - active_ms,
      finished_at_ms: this.start_ms - ago_ms,
      active_ms,
      verified: verified
        ? {
            kind: "by",
            algorithm: "sha256",
            digest: inventDigest(this.#random),
            given: this.#random.next() < 0.3,
          }
        : { kind: "unverified" },
      missing: name.includes("photo-archive"),
    });
  }

  #awful(): void {
    const downloading: Standing = { kind: "downloading" };
    this.#add({
      name: `${"an-extraordinarily-long-name-that-nobody-would-type-but-every-server-sends-".repeat(3)}.tar.zst`,
      host: "a-very-long-subdomain.of-another-long-subdomain.at-a-provider.example.org:8443",
      length: 40 * 1000 * GB,
      standing: downloading,
      filled: 0.0004,
      pieces: 64,
      server: { connections: 64, perConnection_bytes_per_s: 12 * MB, line_bytes_per_s: 900 * MB },
    });
    this.#add({
      name: "مجموعة صور الطيور البحرية في الشتاء.zip",
      host: "أرشيف.example",
      length: 1.2 * GB,
      standing: downloading,
      filled: 0.2,
      pieces: 8,
      server: { connections: 8, perConnection_bytes_per_s: 0.3 * MB },
    });
    this.#add({
      name: "empty.txt",
      host: "example.org",
      length: 0,
      standing: { kind: "finished" },
      finished_at_ms: this.start_ms - 1000,
    });
    this.#add({ name: "one-byte.bin", host: "example.org", length: 1, standing: { kind: "paused" } });
    this.#add({ name: "zero-known.bin", host: "example.org", length: 0, standing: { kind: "queued" } });
    this.#add({
      name: "crawling.iso",
      host: "slow.example.org",
      length: 9.9 * GB,
      standing: downloading,
      filled: 0.999,
      server: { connections: 1, perConnection_bytes_per_s: 37 },
    });
    this.#add({
      name: "stalled.iso",
      host: "slow.example.org",
      length: 9.9 * GB,
      standing: downloading,
      filled: 0.3,
      server: { connections: 2, perConnection_bytes_per_s: 0 },
    });
    this.#add({
      name: "data:;.\u202egnp.exe",
      host: "tricks.example.org",
      length: 66_000,
      standing: failed(
        "certificate",
        "The certificate of tricks.example.org is for *.other.example, ran out on 3 March 2019, and was made by an authority that nobody here knows; nothing was sent.",
        "retry",
      ),
    });
    this.#add({
      name: "文档与照片备份（二〇二六年）.7z",
      host: "备份.example",
      length: 5.5 * GB,
      filled: 0.77,
      pieces: 40,
      standing: { kind: "waiting", reason: "disk_full", retry_at_ms: null, failure: null },
    });
    this.#add({
      name: "👩‍🚀🚀 mission control 🛰️.mp4",
      host: "xn--e28h.example",
      length: 900 * MB,
      filled: 0.5,
      pieces: 90,
      standing: { kind: "paused" },
    });
    this.#add({ name: "noextension", host: "10.0.0.1:49152", standing: { kind: "probing" } });
    this.#add({
      name: "gone-from-disk.pdf",
      host: "example.org",
      length: 3 * MB,
      standing: { kind: "finished" },
      finished_at_ms: this.start_ms - 400 * DAY_MS,
      missing: true,
    });
  }

  #failures(): void {
    const failures: [FailureCode, string, Remedy | null][] = [
      ["refused", "cdn.example.com answers 404: there is no such file.", "new_link"],
      ["expired", "The server answers 403: the link's signature has expired.", "new_link"],
      ["gave_out", "cdn.example.com did not answer for 5 minutes.", "retry"],
      ["redirect", "The address leads from https to http.", "new_link"],
      ["certificate", "The certificate of cdn.example.com ran out on 2 November.", "retry"],
      ["changed", "The server changed the file since 14:02.", "restart"],
      ["protocol", "The server said 4,096 bytes and sent 4,097.", "retry"],
      ["integrity", "The SHA-256 digest is not the one that was given.", "restart"],
      ["target_exists", "A file of this name is there already.", "other_folder"],
      ["target_busy", "Another download writes to this file.", "retry"],
      ["disk_full", "There is no space left on the disk.", "free_space"],
      ["disk", "The folder cannot be written to: permission denied.", "other_folder"],
      ["other_file", "The new link leads to a file of another length.", "new_link"],
      ["unauthorized", "cdn.example.com asks for a name and a password.", "credentials"],
      ["outside_roots", "The folder is not beneath a configured one.", null],
      ["internal", "The program met a state that it does not know.", "retry"],
    ];
    for (const [index, [code, message, remedy]] of failures.entries()) {
      const { name, host, length } = inventFile(this.#random, index + 1);
      this.#add({ name, host, length, filled: 0.4, pieces: 6, standing: failed(code, message, remedy) });
    }
    const reasons: WaitReason[] = [
      "network",
      "server",
      "retry",
      "disk_full",
      "disk_gone",
      "battery",
      "metered",
    ];
    for (const [index, reason] of reasons.entries()) {
      const { name, host, length } = inventFile(this.#random, index + 40);
      const retries = reason === "retry" || reason === "server";
      this.#add({
        name,
        host,
        length,
        filled: 0.6,
        pieces: 5,
        standing: {
          kind: "waiting",
          reason,
          retry_at_ms: retries ? this.start_ms + 90_000 : null,
          failure: reason === "retry" ? failure("gave_out", "The connection was closed.", "retry") : null,
        },
      });
    }
  }

  #many(): void {
    for (let number = 1; number <= 10_000; number++) {
      const { name, host, length } = inventFile(this.#random, number);
      const ago_ms = number * 4 * MINUTE_MS;
      if (number <= 50)
        this.#add({
          name,
          host,
          length: length + 30 * GB,
          filled: this.#random.between(0.05, 0.9),
          pieces: this.#random.whole(8, 32),
          standing: { kind: "downloading" },
          server: {
            connections: this.#random.whole(8, 32),
            perConnection_bytes_per_s: this.#random.between(0.2, 2) * MB,
          },
        });
      else if (number <= 4000)
        this.#add({
          name,
          host,
          length,
          filled: number % 3 ? 0 : this.#random.next(),
          pieces: number % 3 ? 1 : 8,
          queue: number % 5 ? 1 : 2,
          standing: number % 3 ? { kind: "queued" } : { kind: "paused" },
        });
      else this.#finished(name, host, length, ago_ms, length / 50_000, number % 2 === 0);
    }
  }
}
