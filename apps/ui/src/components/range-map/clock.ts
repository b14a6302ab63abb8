/** Something that is drawn anew for as long as it moves. */
export interface Drawn {
  /** Draws; says after how many milliseconds it will look different, `RESTS` if by itself never. */
  draw(now_ms: number): number;
}

/** Nothing moves: it is drawn again once somebody wakes it. */
export const RESTS = Number.POSITIVE_INFINITY;

/** What is due sooner than so gets the next frame. */
const FRAME_MS = 17;

/** What moves, and when each is to be drawn next. One loop serves everything, and takes no frame in which nothing would change. */
const due_ms = new Map<Drawn, number>();
let frameAsked = false;
let alarm: { timer: ReturnType<typeof setTimeout>; at_ms: number } | null = null;

/** Draws something in the next frame, and from then on as it asks for it. */
export function wake(drawn: Drawn): void {
  due_ms.set(drawn, 0);
  askForFrame();
}

/** Draws something no more. */
export function forget(drawn: Drawn): void {
  due_ms.delete(drawn);
}

function step(now_ms: number): void {
  frameAsked = false;
  let next_ms = RESTS;
  for (const [drawn, at_ms] of due_ms) {
    const again_ms = at_ms > now_ms + FRAME_MS / 2 ? at_ms : now_ms + drawn.draw(now_ms);
    if (again_ms === RESTS) due_ms.delete(drawn);
    else due_ms.set(drawn, again_ms);
    next_ms = Math.min(next_ms, again_ms);
  }
  if (next_ms <= now_ms + FRAME_MS) askForFrame();
  else if (next_ms !== RESTS) askLater(next_ms, now_ms);
}

function askForFrame(): void {
  if (frameAsked) return;
  frameAsked = true;
  requestAnimationFrame(step);
}

function askLater(at_ms: number, now_ms: number): void {
  if (alarm && alarm.at_ms <= at_ms) return;
  if (alarm) clearTimeout(alarm.timer);
  const ring = () => {
    alarm = null;
    askForFrame();
  };
  alarm = { timer: setTimeout(ring, at_ms - now_ms - FRAME_MS), at_ms };
}

/** What is heard of an element. */
export interface Watcher {
  /** Whether it can be seen; nothing is drawn for what cannot. */
  seen(visible: boolean): void;
  /** How large it is, in CSS pixels. */
  sized(width_px: number, height_px: number): void;
}

const watchers = new WeakMap<Element, Watcher>();

// One observer each for all maps: a list makes and drops them by the hundred.
const visibility =
  typeof IntersectionObserver === "undefined"
    ? null
    : new IntersectionObserver((entries) => {
        for (const { target, isIntersecting } of entries) watchers.get(target)?.seen(isIntersecting);
      });
const sizes =
  typeof ResizeObserver === "undefined"
    ? null
    : new ResizeObserver((entries) => {
        for (const { target, contentRect } of entries)
          watchers.get(target)?.sized(contentRect.width, contentRect.height);
      });

/** Hears whether an element can be seen and how large it is, without asking it: asking costs a layout. */
export function watchElement(element: Element, watcher: Watcher): () => void {
  watchers.set(element, watcher);
  sizes?.observe(element);
  if (visibility) visibility.observe(element);
  else watcher.seen(true);
  return () => {
    sizes?.unobserve(element);
    visibility?.unobserve(element);
    watchers.delete(element);
  };
}
