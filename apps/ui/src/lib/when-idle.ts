/** Nothing of the first picture is held up before. */
const NOT_BEFORE_MS = 1500;

/** Does something once the page rests; the returned function calls it off. */
export function whenIdle(work: () => void): () => void {
  let called: number | null = null;
  const timer = setTimeout(() => {
    // WebKit has none.
    if (typeof requestIdleCallback === "function") called = requestIdleCallback(work);
    else work();
  }, NOT_BEFORE_MS);
  return () => {
    clearTimeout(timer);
    if (called !== null) cancelIdleCallback(called);
  };
}
