import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useUi } from "./ui";

/** What a page that is made anew finds. */
async function anew(): Promise<void> {
  const kept = localStorage.getItem("gannet.ui") ?? "";
  useUi.setState(useUi.getInitialState());
  localStorage.setItem("gannet.ui", kept);
  await useUi.persist.rehydrate();
}

afterEach(() => vi.unstubAllGlobals());
beforeEach(() => {
  localStorage.clear();
  useUi.setState(useUi.getInitialState());
});

describe("a page that is made anew", () => {
  it("is where it was: what is chosen, and how far the list is scrolled", async () => {
    useUi.getState().show({ kind: "finished" });
    useUi.getState().select(new Set([3, 7]), { anchor: 3, cursor: 7 });
    useUi.getState().keepListTop(1200);
    useUi.getState().openDetail();
    await anew();
    expect(useUi.getState()).toMatchObject({
      view: { kind: "finished" },
      anchor: 3,
      cursor: 7,
      listTop_px: 1200,
      detailOpen: true,
    });
    expect([...useUi.getState().selection]).toEqual([3, 7]);
  });

  it("begins at the top of another view, and of what was searched for", async () => {
    useUi.getState().keepListTop(1200);
    useUi.getState().searchFor("film");
    await anew();
    expect(useUi.getState()).toMatchObject({ search: "", listTop_px: 0 });
    useUi.getState().keepListTop(1200);
    useUi.getState().show({ kind: "all" });
    expect(useUi.getState().listTop_px).toBe(0);
  });

  it("begins with the list where the details would lie over it", async () => {
    useUi.getState().select(new Set([3]), { anchor: 3, cursor: 3 });
    useUi.getState().openDetail();
    vi.stubGlobal("matchMedia", () => ({ matches: true }));
    await anew();
    expect(useUi.getState()).toMatchObject({ cursor: 3, detailOpen: false });
  });

  it("takes what an older version kept", async () => {
    localStorage.setItem("gannet.ui", JSON.stringify({ state: { detailOpen: true }, version: 1 }));
    await useUi.persist.rehydrate();
    expect(useUi.getState().detailOpen).toBe(true);
    expect(useUi.getState().selection.size).toBe(0);
  });

  it("forgets a selection that is too large to be of one's own choosing", async () => {
    const ids = Array.from({ length: 1001 }, (_, id) => id);
    useUi.getState().select(new Set(ids), { anchor: 0, cursor: 1000 });
    await anew();
    expect(useUi.getState().selection.size).toBe(0);
  });
});
