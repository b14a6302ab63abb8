/** Something that is drawn frame by frame for as long as it moves. */
export interface Drawn {
  /** Draws; says whether another frame will look different. */
  draw(now_ms: number): boolean;
}

const awake = new Set<Drawn>();
let asked = false;

/** Draws something from the next frame on, until it says that it rests. One loop serves everything. */
export function wake(drawn: Drawn): void {
  awake.add(drawn);
  askForFrame();
}

/** Draws something no more. */
export function forget(drawn: Drawn): void {
  awake.delete(drawn);
}

function step(now_ms: number): void {
  asked = false;
  for (const drawn of awake) if (!drawn.draw(now_ms)) awake.delete(drawn);
  if (awake.size > 0) askForFrame();
}

function askForFrame(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(step);
}

const reduced = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");

/** Whether the person asked for no motion. */
export function wantsStillness(): boolean {
  return reduced?.matches ?? false;
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
