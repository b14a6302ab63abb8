import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { SCREENS } from "./screens";

/** Both themes, three widths, and what a screen reader is told: each screen is opened once for each width. */
const VISITS = [
  { width: 390, height: 844, theme: "light", rules: [] },
  // What is not about colours is the same in both themes.
  { width: 1024, height: 768, theme: "light", rules: ["color-contrast"] },
  { width: 1600, height: 1000, theme: "dark", rules: "all" },
] as const;

test.use({ contextOptions: { reducedMotion: "reduce" } });

for (const { width, height, theme, rules } of VISITS)
  test(`every screen has room and shuts nobody out (${width} pixels, ${theme})`, async ({
    page,
    openMock,
  }) => {
    test.setTimeout(180_000);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme });
    for (const { name, scenario, open } of SCREENS) {
      await openMock(`scenario=${scenario}&clock=manual`);
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      await expect(page.locator("[data-list]")).toBeFocused();
      await open(page);
      expect(await misfits(page), name).toEqual([]);
      expect(await grievances(page, rules), name).toEqual([]);
    }
  });

/** What shuts somebody out, by axe. */
async function grievances(page: Page, rules: "all" | readonly string[]): Promise<string[]> {
  if (rules.length === 0) return [];
  const axe = new AxeBuilder({ page });
  if (rules !== "all") axe.withRules([...rules]);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/**
 * What does not fit: a page that scrolls sideways, a control beyond the window's edges, or one whose words are cut off
 * although nothing says that they may be.
 */
function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth} wide`);
    const scrolls = (element: Element): boolean => {
      for (let up = element.parentElement; up; up = up.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(up);
        if ([overflowX, overflowY].some((one) => one === "auto" || one === "scroll")) return true;
      }
      return false;
    };
    for (const control of document.querySelectorAll<HTMLElement>(
      "button, input, select, textarea, [role=tab]",
    )) {
      const box = control.getBoundingClientRect();
      const name = control.getAttribute("aria-label") ?? control.textContent ?? control.tagName;
      if (!control.checkVisibility() || box.width === 0) continue;
      const beyond =
        box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > innerHeight + 1;
      if (beyond && !scrolls(control)) found.push(`“${name}” is beyond the edge`);
      const mayBeCut =
        control.matches("input, select, textarea") || control.querySelector(".truncate") !== null;
      const words = document.createRange();
      words.selectNodeContents(control);
      if (!mayBeCut && words.getBoundingClientRect().width > box.width + 1)
        found.push(`“${name}” is cut off`);
    }
    return found;
  });
}
