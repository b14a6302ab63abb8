import { describe, expect, it } from "vitest";
import { isExportedList } from "./transfer-list";

describe("an exported list", () => {
  it.each([
    ['{\n  "gannet_list": 1,\n  "downloads": []\n}', true],
    ['{"gannet_list":1}', true],
    ['{"downloads":[]}', false],
    ["https://example.org/gannet_list", false],
    ["", false],
  ])("%j is one: %s", (text, is) => {
    expect(isExportedList(text)).toBe(is);
  });
});
