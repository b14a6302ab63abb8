import type { Appearance } from "@/generated";

const KEPT = "gannet.appearance";

type Look = Pick<Appearance, "theme" | "accent" | "density">;

const dark = () => matchMedia("(prefers-color-scheme: dark)");

let look: Look = { theme: "system", accent: "gold", density: "comfortable" };

/**
 * Shows what the settings say and keeps it, so that `public/first-paint.js` can set it before the first paint of the
 * next visit.
 */
export function applyAppearance({ theme, accent, density }: Look): void {
  look = { theme, accent, density };
  localStorage.setItem(KEPT, JSON.stringify(look));
  show();
}

/** Follows the system while the choice is the system's. Called once, as the page starts. */
export function followSystemTheme(): () => void {
  const media = dark();
  media.addEventListener("change", show);
  return () => media.removeEventListener("change", show);
}

/** The theme that is drawn now. */
export function themeShown(): "light" | "dark" {
  if (look.theme !== "system") return look.theme;
  return dark().matches ? "dark" : "light";
}

function show(): void {
  const root = document.documentElement;
  root.dataset.theme = themeShown();
  root.dataset.accent = look.accent;
  root.dataset.density = look.density;
}
