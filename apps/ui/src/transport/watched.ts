import type { DownloadId } from "@/generated";

/** Whoever walks the list with a key held down passes thirty downloads a second; the server lets go of who says so much. */
const APART_MS = 100;

/** Which download is watched, told no oftener than need be: the last one that was said, and nothing of those between. */
export class Watched {
  readonly #tell: (id: DownloadId | null) => boolean;
  #wanted: DownloadId | null = null;
  /** What the other side knows; a new connection knows of none. */
  #told: DownloadId | null = null;
  #toldAt_ms = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `tell` says whether there was somebody to hear it. */
  constructor(tell: (id: DownloadId | null) => boolean) {
    this.#tell = tell;
  }

  /** Another one is watched. It is not told at once: who moves on says `null` first, and the next one in the same breath. */
  set(id: DownloadId | null): void {
    this.#wanted = id;
    if (this.#timer !== null) return;
    const wait_ms = Math.max(0, this.#toldAt_ms + APART_MS - performance.now());
    this.#timer = setTimeout(() => this.#say(), wait_ms);
  }

  /** There is a new connection. */
  renew(): void {
    this.#told = null;
    this.#say();
  }

  #say(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#wanted === this.#told || !this.#tell(this.#wanted)) return;
    this.#told = this.#wanted;
    this.#toldAt_ms = performance.now();
  }
}
