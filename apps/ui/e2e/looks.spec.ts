import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { MockTransport } from "../src/transport/mock";
import { expect, test } from "./fixtures";
import { SCREENS } from "./screens";

/** What axe is asked on a screen; `unseen` opens it not at all. */
type Rules = "all" | "contrast" | "none" | "unseen";

interface Visit {
  width: number;
  height: number;
  theme: "light" | "dark";
  language: "en" | "tr" | "zh-CN";
  /** Of the screens that a person is at most of the time. */
  main: Rules;
  /** Of the others. */
  others: Rules;
}

/**
 * Both themes at three widths, and what a screen reader is told: every screen is opened once at each width, and the main ones
 * in the other theme too. What is not about colours is the same in both themes, and nearly so at each width: of the other
 * screens it is asked once. At one width every screen is then read in the other languages: the words of one are longer, and
 * those of the other are written otherwise.
 */
const VISITS: readonly Visit[] = [
  { width: 390, height: 844, theme: "light", language: "en", main: "all", others: "none" },
  { width: 390, height: 844, theme: "dark", language: "en", main: "all", others: "unseen" },
  { width: 1024, height: 768, theme: "light", language: "en", main: "all", others: "contrast" },
  { width: 1024, height: 768, theme: "dark", language: "en", main: "all", others: "unseen" },
  { width: 1600, height: 1000, theme: "light", language: "en", main: "all", others: "unseen" },
  { width: 1600, height: 1000, theme: "dark", language: "en", main: "all", others: "all" },
  { width: 1024, height: 768, theme: "light", language: "tr", main: "none", others: "none" },
  { width: 1024, height: 768, theme: "dark", language: "zh-CN", main: "none", others: "none" },
];

/** Where a person is most of the time, and every sort of surface. */
const MAIN = new Set([
  "list",
  "failures",
  "empty list",
  "sidebar",
  "detail",
  "add",
  "add, many",
  "settings, general",
  "settings, network",
  "palette",
  "delete",
  "menu of a row",
  "toasts",
  "connection lost",
]);

const PHONE_BELOW_PX = 640;

test.use({ contextOptions: { reducedMotion: "reduce" } });

for (const { width, height, theme, language, main, others } of VISITS)
  test(`${others === "unseen" ? "each main screen" : "every screen"} has room and shuts nobody out (${width} pixels, ${theme}, ${language})`, async ({
    page,
    openMock,
  }) => {
    test.setTimeout(600_000);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme });
    expect(SCREENS.filter(({ name }) => MAIN.has(name))).toHaveLength(MAIN.size);
    for (const { name, scenario, open, deaf } of SCREENS) {
      const rules = MAIN.has(name) ? main : others;
      if (rules === "unseen") continue;
      await openMock(`scenario=${scenario}&clock=manual`);
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      await expect(page.locator("[data-list]")).toBeFocused();
      if (deaf) await speak(page, language);
      await open(page);
      if (!deaf) await speak(page, language);
      expect(await misfits(page), name).toEqual([]);
      expect(await restless(page), name).toEqual([]);
      if (width < PHONE_BELOW_PX) expect(await hardToHit(page), name).toEqual([]);
      expect(await grievances(page, rules), name).toEqual([]);
    }
  });

/** Turns the open screen to another language, as the settings do. */
async function speak(page: Page, language: Visit["language"]): Promise<void> {
  if (language === "en") return;
  await page.evaluate(async (wanted) => {
    const { engine } = (globalThis as unknown as { gannetMock: MockTransport }).gannetMock;
    const { settings } = engine;
    const appearance = { ...settings.appearance, language: wanted };
    engine.execute({ action: "change_settings", settings: { ...settings, appearance } });
  }, language);
  await expect(page.locator("html")).toHaveAttribute("lang", language);
}

/** What shuts somebody out, by axe. */
async function grievances(page: Page, rules: Exclude<Rules, "unseen">): Promise<string[]> {
  if (rules === "none") return [];
  const axe = new AxeBuilder({ page });
  if (rules === "contrast") axe.withRules(["color-contrast"]);
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
  return page.evaluate((phoneBelow_px) => {
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
    // On a phone a failure's words give way to the button that mends it.
    if (innerWidth >= phoneBelow_px)
      for (const reason of document.querySelectorAll<HTMLElement>(".download-row .text-coral-text .truncate"))
        if (reason.checkVisibility() && reason.scrollWidth > reason.clientWidth)
          found.push(`“${reason.textContent}” is cut off`);
    return found;
  }, PHONE_BELOW_PX);
}

/** What would move although the person asked for stillness. */
function restless(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const AT_MOST_S = 0.001;
    const times_s = (list: string) => list.split(",").map(Number.parseFloat);
    return [...document.querySelectorAll("*")]
      .filter((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element);
        return [transitionDuration, animationDuration].some((list) =>
          times_s(list).some((time_s) => time_s > AT_MOST_S),
        );
      })
      .map((element) => `${element.tagName} ${element.getAttribute("class") ?? ""}`);
  });
}

/** Controls that a finger misses: a square of 44 pixels around their middle must be theirs. */
function hardToHit(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const REACH_PX = 21;
    const controls = "button, input, select, textarea, a[href], [role=tab], [role^=menuitem], [role=option]";
    const owns = (control: Element, x: number, y: number): boolean => {
      const hit = document.elementFromPoint(x, y);
      if (hit === null) return x < 0 || y < 0 || x > innerWidth || y > innerHeight;
      const label = hit.closest("label");
      return control.contains(hit) || label?.control === control;
    };
    const inSight = (control: Element): boolean => {
      const box = control.getBoundingClientRect();
      for (let up = control.parentElement; up; up = up.parentElement) {
        if (!/auto|scroll|hidden/.test(getComputedStyle(up).overflowY)) continue;
        const { top, bottom } = up.getBoundingClientRect();
        if (box.top < top || box.bottom > bottom) return false;
      }
      return true;
    };
    const invisible = (control: Element): boolean => !control.checkVisibility({ opacityProperty: true });
    return [...document.querySelectorAll<HTMLElement>(controls)]
      .filter((control) => {
        const { left, top, width, height } = control.getBoundingClientRect();
        const [x, y] = [left + width / 2, top + height / 2];
        // What is hidden, scrolled beneath something else or cut by its edge, is not there to be hit.
        if (width < 2 || !control.checkVisibility() || !inSight(control) || !owns(control, x, y))
          return false;
        // It takes taps, and nobody knows that it is there.
        if (invisible(control)) return true;
        return ![
          [x - REACH_PX, y],
          [x + REACH_PX, y],
          [x, y - REACH_PX],
          [x, y + REACH_PX],
        ].every(([reachX = 0, reachY = 0]) => owns(control, reachX, reachY));
      })
      .map((control) => {
        const { width, height } = control.getBoundingClientRect();
        const name = control.getAttribute("aria-label") ?? control.textContent ?? "";
        return `“${name.slice(0, 40)}” ${control.tagName} ${Math.round(width)}×${Math.round(height)}`;
      });
  });
}
