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

type Shown = (visible: boolean) => void;
const observed = new WeakMap<Element, Shown>();
const observer =
  typeof IntersectionObserver === "undefined"
    ? null
    : new IntersectionObserver((entries) => {
        for (const { target, isIntersecting } of entries) observed.get(target)?.(isIntersecting);
      });

/** Hears whether an element can be seen; nothing is drawn for what cannot. */
export function watchVisibility(element: Element, shown: Shown): () => void {
  if (!observer) {
    shown(true);
    return () => {};
  }
  observed.set(element, shown);
  observer.observe(element);
  return () => {
    observer.unobserve(element);
    observed.delete(element);
  };
}
