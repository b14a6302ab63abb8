/** Far enough from each other that neighbours never look alike: the golden angle. */
const APART_DEGREES = 137.508;

/** The colour that a worker is lit in, on the map and in its row. */
export function hueOf(worker: number): string {
  return `oklch(var(--lit-lightness, 0.78) 0.15 ${Math.round((worker * APART_DEGREES) % 360)})`;
}

/** The same for a canvas, which knows no variables. */
export function canvasHueOf(worker: number, theme: "light" | "dark"): string {
  return hueOf(worker).replace("var(--lit-lightness, 0.78)", theme === "light" ? "0.6" : "0.78");
}
