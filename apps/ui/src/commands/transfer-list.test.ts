import { afterEach, describe, expect, it, vi } from "vitest";
import { DESKTOP } from "@/dialogs/for-tests";
import type { Choice } from "@/transport/types";
import type { CommandContext } from "./table";
import { chooseList, exportList, isExportedList } from "./transfer-list";

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

describe("a list that is exported", () => {
  /** Exports it, and returns what the page said and did. */
  async function exportTo(desktop: CommandContext["desktop"]) {
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => {});
    const context = {
      desktop,
      order: vi.fn(async () => ({ kind: "exported", text: "{}" })),
      sayWhere: vi.fn(),
      complain: vi.fn(),
    };
    await exportList(context as unknown as CommandContext);
    return { ...context, clicked };
  }
  const keeping = (choice: Choice<string>) => ({ ...DESKTOP, saveList: async () => choice });

  it("is downloaded by a browser", async () => {
    vi.stubGlobal("URL", { createObjectURL: () => "blob:list", revokeObjectURL: () => {} });
    const { clicked, order } = await exportTo(null);
    vi.unstubAllGlobals();
    expect(order).toHaveBeenCalledExactlyOnceWith({ action: "export" });
    expect(clicked).toHaveBeenCalledOnce();
  });

  it("is kept by a window where its person says, and the page says where", async () => {
    const { clicked, order, sayWhere, complain } = await exportTo(
      keeping({ kind: "chosen", chosen: "/srv/lists/list.json" }),
    );
    expect(sayWhere).toHaveBeenCalledExactlyOnceWith("listKept", "/srv/lists/list.json");
    for (const other of [clicked, order, complain]) expect(other).not.toHaveBeenCalled();
  });

  it.each([
    ["disk_full", "listKeptNotFull"],
    ["disk", "listKeptNotThere"],
    ["internal", "listKeptNot"],
  ] as const)("is said not to be kept: %s", async (code, words) => {
    const { sayWhere, complain } = await exportTo(keeping({ kind: "refused", code }));
    expect(complain).toHaveBeenCalledExactlyOnceWith(words);
    expect(sayWhere).not.toHaveBeenCalled();
  });

  it("is nothing to speak of where its person thought better of it", async () => {
    const { sayWhere, complain } = await exportTo(keeping({ kind: "cancelled" }));
    for (const said of [sayWhere, complain]) expect(said).not.toHaveBeenCalled();
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
