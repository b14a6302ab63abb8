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
const SETTLED = 0.76;
const HIGH_FROM_PX = 20;

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
    const room = (width / ratio / Math.max(1, picture.heads.length)) * WAKE_SHARE;
    const wake_px = Math.min(room, high ? WAKE_PX.high : WAKE_PX.low);
    for (const head of picture.heads) paintHead(context, head, palette, size, wake_px);
    if (high) for (const cut of picture.cuts) paintCut(context, cut, palette, size);
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

function paintHead(
  context: CanvasRenderingContext2D,
  head: Head,
  palette: MapPalette,
  { width, height, ratio }: Size,
  wake_px: number,
): void {
  const at = head.at * width;
  const known = head.known * width;
  context.fillStyle = palette.sea;
  context.globalAlpha = SETTLED;
  if (at > known) context.fillRect(known, 0, at - known, height);
  context.globalAlpha = 1;
  const sprite = wakeSprite(head.racing ? palette.gold : palette.bright);
  const length = wake_px * ratio;
  if (sprite) context.drawImage(sprite, at - length, 0, length, height);
  context.fillStyle = head.racing ? palette.gold : palette.bright;
  const notch = (height / ratio >= HIGH_FROM_PX ? 2 : 1.5) * ratio;
  context.fillRect(Math.max(0, at - notch / 2), 0, notch, height);
}

function paintCut(
  context: CanvasRenderingContext2D,
  { at, left }: { at: number; left: number },
  palette: MapPalette,
  { width, height, ratio }: Size,
): void {
  context.globalAlpha = left;
  context.fillStyle = palette.gold;
  context.fillRect(at * width - ratio, 0, 2 * ratio, height);
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
