/** The colours that a map is drawn in, as the theme has them now. */
export interface MapPalette {
  track: string;
  sea: string;
  bright: string;
  gold: string;
  kelp: string;
  coral: string;
  mist: string;
  surface: string;
}

const NAMES: Record<keyof MapPalette, string> = {
  track: "--track",
  sea: "--sea",
  bright: "--sea-bright",
  gold: "--gold",
  kelp: "--kelp",
  coral: "--coral",
  mist: "--mist",
  surface: "--surface",
};

let known: MapPalette | null = null;
const listeners = new Set<() => void>();

/** Reads the colours once per theme. */
export function mapPalette(): MapPalette {
  if (!known) {
    const style = getComputedStyle(document.documentElement);
    const read = (name: string) => style.getPropertyValue(name).trim() || "transparent";
    known = Object.fromEntries(
      Object.entries(NAMES).map(([key, name]) => [key, read(name)]),
    ) as unknown as MapPalette;
  }
  return known;
}

/** Hears that the theme changed. */
export function onPalette(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(): void {
  known = null;
  for (const listener of listeners) listener();
}

if (typeof document !== "undefined") {
  new MutationObserver(changed).observe(document.documentElement, {
    attributeFilter: ["data-theme", "data-accent", "class", "style"],
  });
  globalThis.matchMedia?.("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
