import { isSame } from "@/lib/share";
import type { Head, Span } from "./geometry";
import type { MapPalette } from "./palette";

export type Tone = "sea" | "kelp" | "coral" | "mist";

/** Everything that one picture of a map shows. */
export interface Picture {
  spans: readonly Span[];
  heads: readonly Head[];
  tone: Tone;
  /** From 0 to 1: the pieces close into one line and cool. */
  closed: number;
  /** Where the length is not known: a stretch that travels, as a share; otherwise none. */
  travelling: number | null;
  /** Places where a range was just cut, with how much of the mark is left. */
  cuts: readonly { at: number; left: number }[];
  /** A worker's range that is lit. */
  lit: { span: Span; colour: string } | null;
}

export interface Size {
  /** In device pixels. */
  width: number;
  height: number;
  ratio: number;
}

/** How long the wake behind a notch is at most, in CSS pixels. */
const WAKE_PX = { low: 8, high: 26 };
/** And what part of the room that each worker has on average, so that many workers do not drown the map in light. */
const WAKE_SHARE = 0.42;
/** How wide a cut is, and the light on each of its sides. */
const CUT_PX = { low: 3, high: 5 };
const CUT_EDGE_PX = 1.5;
const SETTLED = 0.76;
const HIGH_FROM_PX = 20;

/** Whether nobody could tell two pictures apart: nothing in them is further from its place than `step`, a share. */
export function looksAlike(one: Picture, other: Picture, step: number): boolean {
  const near = (a: number, b: number) => Math.abs(a - b) < step;
  return (
    one.tone === other.tone &&
    one.closed === other.closed &&
    one.travelling === other.travelling &&
    isSame(one.lit, other.lit) &&
    // Marks that fade look different in each frame.
    one.cuts.length === 0 &&
    other.cuts.length === 0 &&
    one.heads.length === other.heads.length &&
    one.heads.every((head, place) => {
      const { worker, racing, at, end } = other.heads[place] ?? NOWHERE;
      return head.worker === worker && head.racing === racing && near(head.at, at) && near(head.end, end);
    }) &&
    (one.spans === other.spans ||
      (one.spans.length === other.spans.length &&
        one.spans.every(({ start, end }, place) => {
          const span = other.spans[place] ?? NOWHERE;
          return near(start, span.start) && near(end, span.end);
        })))
  );
}

const NOWHERE = { worker: -1, racing: false, at: -1, start: -1, end: -1 };

/** Draws a map. */
export function paint(
  context: CanvasRenderingContext2D,
  picture: Picture,
  palette: MapPalette,
  size: Size,
): void {
  const { width, height, ratio } = size;
  const high = height / ratio >= HIGH_FROM_PX;
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.roundRect(0, 0, width, height, high ? 6 * ratio : height / 2);
  context.clip();
  context.fillStyle = palette.track;
  context.fillRect(0, 0, width, height);

  if (picture.travelling !== null) paintTravelling(context, picture.travelling, palette, size);
  else {
    if (high) paintClaims(context, picture, palette, size);
    // What landed long ago is a shade deeper than what lands now.
    if (picture.heads.length > 0) context.globalAlpha = SETTLED;
    context.fillStyle = palette[picture.tone === "kelp" ? "sea" : picture.tone];
    for (const { start, end } of picture.spans) fillSpan(context, start, end, size);
    context.globalAlpha = 1;
    paintHeads(context, picture.heads, palette, size);
    for (const cut of picture.cuts) paintCut(context, cut, palette, size);
    if (picture.lit) paintLit(context, picture.lit, size);
  }
  if (picture.closed > 0) {
    context.globalAlpha = picture.closed;
    context.fillStyle = palette.kelp;
    context.fillRect(0, 0, width, height);
  }
  context.restore();
}

function fillSpan(
  context: CanvasRenderingContext2D,
  start: number,
  end: number,
  { width, height, ratio }: Size,
): void {
  const from = start * width;
  // What is there is seen, however little it is.
  context.fillRect(from, 0, Math.max(end * width - from, 0.75 * ratio), height);
}

/** What each worker still has before it, a shade over the track, with a gap where the next range begins. */
function paintClaims(
  context: CanvasRenderingContext2D,
  picture: Picture,
  palette: MapPalette,
  size: Size,
): void {
  const { width, height, ratio } = size;
  context.globalAlpha = 0.16;
  context.fillStyle = palette.sea;
  for (const { at, end } of picture.heads)
    context.fillRect(at * width, 0, Math.max(0, (end - at) * width - ratio), height);
  context.globalAlpha = 1;
}

/** Every worker's place: what came since the snapshot, the wake, the notch. Kind by kind, since a change of colour is dear. */
function paintHeads(
  context: CanvasRenderingContext2D,
  heads: readonly Head[],
  palette: MapPalette,
  { width, height, ratio }: Size,
): void {
  const high = height / ratio >= HIGH_FROM_PX;
  const room = (width / ratio / Math.max(1, heads.length)) * WAKE_SHARE;
  const wake = Math.min(room, high ? WAKE_PX.high : WAKE_PX.low) * ratio;
  const notch = (high ? 2 : 1.5) * ratio;
  context.fillStyle = palette.sea;
  context.globalAlpha = SETTLED;
  for (const { at, known } of heads)
    if (at > known) context.fillRect(known * width, 0, (at - known) * width, height);
  context.globalAlpha = 1;
  for (const racing of [false, true]) {
    const those = heads.filter((head) => head.racing === racing);
    if (those.length === 0) continue;
    const colour = racing ? palette.gold : palette.bright;
    const sprite = wakeSprite(colour);
    if (sprite) for (const { at } of those) context.drawImage(sprite, at * width - wake, 0, wake, height);
    context.fillStyle = colour;
    for (const { at } of those) context.fillRect(Math.max(0, at * width - notch / 2), 0, notch, height);
  }
}

/** Where a range was cut in two there is nothing for a moment, with an edge of light on both sides that goes out. */
function paintCut(
  context: CanvasRenderingContext2D,
  { at, left }: { at: number; left: number },
  palette: MapPalette,
  { width, height, ratio }: Size,
): void {
  const x = at * width;
  const gap = (height / ratio >= HIGH_FROM_PX ? CUT_PX.high : CUT_PX.low) * ratio;
  const edge = CUT_EDGE_PX * ratio;
  context.globalAlpha = Math.min(1, left * 2);
  context.fillStyle = palette.surface;
  context.fillRect(x - gap / 2, 0, gap, height);
  context.globalAlpha = left;
  context.fillStyle = palette.gold;
  context.fillRect(x - gap / 2 - edge, 0, edge, height);
  context.fillRect(x + gap / 2, 0, edge, height);
  context.globalAlpha = 1;
}

function paintLit(
  context: CanvasRenderingContext2D,
  { span, colour }: { span: Span; colour: string },
  { width, height, ratio }: Size,
): void {
  const from = span.start * width;
  const to = Math.max(span.end * width, from + 3 * ratio);
  context.globalAlpha = 0.45;
  context.fillStyle = colour;
  context.fillRect(from, 0, to - from, height);
  context.globalAlpha = 1;
  context.fillRect(from, height - 3 * ratio, to - from, 3 * ratio);
}

function paintTravelling(
  context: CanvasRenderingContext2D,
  place: number,
  palette: MapPalette,
  { width, height }: Size,
): void {
  const length = width * 0.22;
  const at = place * (width + length);
  context.fillStyle = palette.sea;
  context.globalAlpha = 0.22;
  context.fillRect(0, 0, width, height);
  context.globalAlpha = 1;
  const sprite = wakeSprite(palette.sea);
  if (sprite) context.drawImage(sprite, at - length, 0, length, height);
}

const WAKE_SAMPLES = 64;
const sprites = new Map<string, HTMLCanvasElement>();

/** A colour that comes out of nothing from left to right; drawn once and stretched, since gradients are dear. */
function wakeSprite(colour: string): HTMLCanvasElement | null {
  const known = sprites.get(colour);
  if (known) return known;
  const canvas = document.createElement("canvas");
  canvas.width = WAKE_SAMPLES;
  canvas.height = 1;
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.fillStyle = colour;
  for (let x = 0; x < WAKE_SAMPLES; x++) {
    context.globalAlpha = (x / WAKE_SAMPLES) ** 1.8;
    context.fillRect(x, 0, 1, 1);
  }
  if (sprites.size > 16) sprites.clear();
  sprites.set(colour, canvas);
  return canvas;
}
