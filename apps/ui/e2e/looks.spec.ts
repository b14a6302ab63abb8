import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { SCREENS } from "./screens";

const THEMES = ["dark", "light"] as const;
const SIZES = [
  { width: 390, height: 844 },
  { width: 1024, height: 768 },
  { width: 1600, height: 1000 },
] as const;

test.use({ contextOptions: { reducedMotion: "reduce" } });

for (const theme of THEMES)
  test(`nobody is shut out of any screen (${theme})`, async ({ page, openMock }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme: theme });
    for (const { name, scenario, open } of SCREENS) {
      await openMock(`scenario=${scenario}&clock=manual`);
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      await expect(page.locator("[data-list]")).toBeFocused();
      await open(page);
      const axe = new AxeBuilder({ page });
      // What is not about colours is the same in both themes.
      if (theme === "light") axe.withRules(["color-contrast"]);
      const { violations } = await axe.analyze();
      const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(
        grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
        name,
      ).toEqual([]);
    }
  });

for (const size of SIZES)
  test(`everything has its place at ${size.width} pixels`, async ({ page, openMock }) => {
    test.setTimeout(120_000);
    await page.setViewportSize(size);
    for (const { name, scenario, open } of SCREENS) {
      await openMock(`scenario=${scenario}&clock=manual`);
      await expect(page.locator("[data-list]")).toBeFocused();
      await open(page);
      expect(await misfits(page), name).toEqual([]);
    }
  });

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
