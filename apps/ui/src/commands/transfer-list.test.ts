import { afterEach, describe, expect, it, vi } from "vitest";
import type { CommandContext } from "./table";
import { chooseList, isExportedList } from "./transfer-list";

afterEach(() => vi.restoreAllMocks());

describe("a list that is chosen", () => {
  it("is said to be unreadable where it is", async () => {
    const complain = vi.fn();
    const input = document.createElement("input");
    vi.spyOn(document, "createElement").mockReturnValue(input);
    vi.spyOn(input, "click").mockImplementation(() => {});
    const gone = new File(["{}"], "gannet-downloads.json");
    gone.text = () => Promise.reject(new DOMException("it is gone", "NotFoundError"));
    Object.defineProperty(input, "files", { value: [gone] });
    chooseList({ complain } as unknown as CommandContext);
    input.dispatchEvent(new Event("change"));
    await vi.waitFor(() => expect(complain).toHaveBeenCalledExactlyOnceWith("unreadable"));
  });
});

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
