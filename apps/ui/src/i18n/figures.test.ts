import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { startI18nForTests } from "./for-tests";

describe("numbers in texts", () => {
  beforeAll(startI18nForTests);

  it("are grouped, and choose the plural all the same", () => {
    expect(i18next.t("list.selected", { ns: "downloads", count: 10_000 })).toBe("10,000 selected");
    expect(i18next.t("said.imported", { ns: "commands", count: 1 })).toMatch(/^1 download /);
  });

  it("are grouped as the language does", () => {
    i18next.addResourceBundle("tr", "downloads", { list: { selected_other: "{{count}} seçildi" } });
    expect(i18next.t("list.selected", { ns: "downloads", count: 10_000, lng: "tr" })).toBe("10.000 seçildi");
  });
});
