const EVENT = "gannet:dropped";

/** Tells who takes what is dropped onto the page what is in files that the page itself was not given. */
export function tellDropped(text: string): void {
  window.dispatchEvent(new CustomEvent(EVENT, { detail: text }));
}

/** Hears it; the returned function ends that. */
export function onDropped(take: (text: string) => void): () => void {
  const hear = (event: Event) => {
    if (event instanceof CustomEvent && typeof event.detail === "string") take(event.detail);
  };
  window.addEventListener(EVENT, hear);
  return () => window.removeEventListener(EVENT, hear);
}
