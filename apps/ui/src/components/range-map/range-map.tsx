import { useEffect, useRef } from "react";
import type { Cells, Notch } from "@/generated";
import { cx } from "@/lib/cx";
import { isSame } from "@/lib/share";
import { wantsStillness } from "@/lib/stillness";
import { type Drawn, forget, RESTS, type Watcher, wake, watchElement } from "./clock";
import {
  CLOSES_IN_MS,
  type Cut,
  closing,
  cutsBetween,
  Follower,
  parseCells,
  type Span,
  spansOfCells,
  spansOfRanges,
  timeToMove,
} from "./geometry";
import { looksAlike, type Picture, paint, type Size, type Tone } from "./paint";
import { mapPalette, onPalette } from "./palette";

/** What is known of a file at one moment. */
export interface MapSample {
  length: number | null;
  cells: Cells;
  /** Exact ranges, where they are known; they go before the cells. */
  ranges: readonly (readonly [number, number])[] | null;
  notches: readonly Notch[];
  tone: Tone;
  /** Whether bytes come. */
  live: boolean;
  /** When the sample came, by `performance.now()`, and how far samples are apart. */
  at_ms: number;
  every_ms: number;
}

/** A worker's range that is to be lit. */
export interface Lit {
  start: number;
  end: number;
  colour: string;
}

interface Properties {
  /** Looked at in each frame; it must give the same object for as long as nothing changed. */
  sample: () => MapSample;
  /** Called when a new sample is there; returns the way to stop that. */
  onSample: (listener: () => void) => () => void;
  lit?: Lit | null;
  className?: string;
}

const CUT_SHOWN_MS = 700;
/** Samples that are further apart than so many snapshots do not tell what happened between them. */
const NEWS_SNAPSHOTS = 3;
const TRAVELS_IN_MS = 1600;
/** A map is drawn anew once something in it moved so far, in device pixels. */
const LEAST_STEP_PX = 0.25;

/** The file itself, from left to right: what is there, and where the workers are. It speaks through the text beside it. */
export function RangeMap({ sample, onSample, lit = null, className }: Properties) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Drawing | null>(null);

  useEffect(() => {
    if (!canvas.current) return;
    const made = new Drawing(canvas.current, sample);
    drawing.current = made;
    const forgetters = [
      watchElement(canvas.current, made),
      onSample(() => made.refresh()),
      onPalette(() => made.repaint()),
    ];
    return () => {
      for (const stop of forgetters) stop();
      forget(made);
      drawing.current = null;
    };
  }, [sample, onSample]);

  useEffect(() => drawing.current?.light(lit), [lit]);

  return (
    <span aria-hidden="true" className={cx("block overflow-hidden", className)}>
      <canvas ref={canvas} className="block size-full" />
    </span>
  );
}

class Drawing implements Drawn, Watcher {
  readonly #canvas: HTMLCanvasElement;
  readonly #sample: () => MapSample;
  readonly #follower = new Follower();
  #visible = false;
  #size = { width_px: 0, height_px: 0 };
  #lit: Lit | null = null;
  #cuts: Cut[] = [];
  #last: MapSample | null = null;
  #spans: Span[] = [];
  #closesSince_ms: number | null = null;
  /** What the canvas shows; none where it has to be drawn whatever comes. */
  #drawn: { picture: Picture; size: Size } | null = null;

  constructor(canvas: HTMLCanvasElement, sample: () => MapSample) {
    this.#canvas = canvas;
    this.#sample = sample;
  }

  sized(width_px: number, height_px: number): void {
    this.#size = { width_px, height_px };
    this.repaint();
  }

  seen(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.repaint();
    else forget(this);
  }

  refresh(): void {
    if (this.#visible && this.#sample() !== this.#last) wake(this);
  }

  repaint(): void {
    this.#drawn = null;
    if (this.#visible) wake(this);
  }

  light(lit: Lit | null): void {
    this.#lit = lit;
    this.repaint();
  }

  draw(now_ms: number): number {
    const sample = this.#sample();
    if (sample !== this.#last) this.#take(sample, now_ms);
    const still = wantsStillness();
    const elapsed_ms = still ? 0 : now_ms - sample.at_ms;
    const picture = this.#picture(sample, now_ms, elapsed_ms, still);
    const size = this.#sizeNow();
    const step = LEAST_STEP_PX / Math.max(1, size.width);
    if (!this.#drawn || !isSame(this.#drawn.size, size) || !looksAlike(this.#drawn.picture, picture, step))
      this.#paint(picture, size);
    if (still) return RESTS;
    const closes = this.#closesSince_ms !== null && now_ms - this.#closesSince_ms < CLOSES_IN_MS;
    if (closes || picture.cuts.length > 0 || picture.travelling !== null) return 0;
    if (!sample.live || !sample.length || !this.#drawn) return RESTS;
    const { heads } = this.#drawn.picture;
    const again_ms = timeToMove(sample.notches, heads, picture.heads, sample.length, step);
    // By then there is another sample, or nothing is known any more.
    return elapsed_ms + again_ms < sample.every_ms ? again_ms : RESTS;
  }

  #take(sample: MapSample, now_ms: number): void {
    const before = this.#last;
    const length = sample.length;
    // What happened while nobody saw the map is no news.
    if (before && length && sample.at_ms - before.at_ms <= sample.every_ms * NEWS_SNAPSHOTS)
      for (const at of cutsBetween(before.notches, sample.notches))
        this.#cuts.push({ at: at / length, since_ms: now_ms });
    if (sample.tone === "kelp" && before && before.tone === "sea" && !wantsStillness())
      this.#closesSince_ms = now_ms;
    if (sample.tone !== "kelp") this.#closesSince_ms = null;
    if (!before || before.cells !== sample.cells || before.ranges !== sample.ranges)
      if (sample.tone !== "kelp")
        // While a finished file closes, its pieces are still seen.
        this.#spans =
          sample.ranges && length
            ? spansOfRanges(sample.ranges, length)
            : spansOfCells(parseCells(sample.cells));
    this.#last = sample;
  }

  #picture(sample: MapSample, now_ms: number, elapsed_ms: number, still: boolean): Picture {
    const { length, tone } = sample;
    this.#cuts = still ? [] : this.#cuts.filter((cut) => now_ms - cut.since_ms < CUT_SHOWN_MS);
    const unknown = length === null && sample.live;
    const lit = this.#lit;
    return {
      spans: this.#spans,
      heads: length ? this.#follower.heads(sample.notches, length, elapsed_ms, sample.every_ms) : [],
      tone,
      closed: tone !== "kelp" ? 0 : this.#closesSince_ms === null ? 1 : closing(this.#closesSince_ms, now_ms),
      travelling: unknown ? (still ? 0.6 : (now_ms % TRAVELS_IN_MS) / TRAVELS_IN_MS) : null,
      cuts: this.#cuts.map(({ at, since_ms }) => ({ at, left: 1 - (now_ms - since_ms) / CUT_SHOWN_MS })),
      lit:
        lit && length
          ? { span: { start: lit.start / length, end: lit.end / length }, colour: lit.colour }
          : null,
    };
  }

  #sizeNow(): Size {
    const ratio = devicePixelRatio || 1;
    const { width_px, height_px } = this.#size;
    return { width: Math.round(width_px * ratio), height: Math.round(height_px * ratio), ratio };
  }

  #paint(picture: Picture, size: Size): void {
    const { width, height } = size;
    if (width === 0 || height === 0) return;
    this.#drawn = { picture, size };
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#canvas.getContext("2d");
    if (context) paint(context, picture, mapPalette(), size);
  }
}
