// Sets the theme before the first paint. It is a file, not inline, so that the page's policy can forbid inline scripts.
(() => {
  const root = document.documentElement;
  let look = {};
  try {
    look = JSON.parse(localStorage.getItem("gannet.appearance") ?? "{}");
  } catch {
    // What cannot be read is as good as nothing: the defaults hold.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.theme = look.theme === "light" || look.theme === "dark" ? look.theme : system;
  root.dataset.accent = look.accent ?? "gold";
  root.dataset.density = look.density ?? "comfortable";
})();
