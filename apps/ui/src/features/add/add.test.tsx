import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Dialogs } from "@/dialogs/dialogs";
import { DESKTOP, draw, PROBED } from "@/dialogs/for-tests";
import { closeDialog, openDialog, useDialogs } from "@/dialogs/store";
import { typedNow } from "@/dialogs/typed";
import type { Link, Reply, RequestOptions } from "@/generated";
import { useEngine } from "@/stores/engine";
import { useUi } from "@/stores/ui";
import { AddDialog } from "./add-dialog";
import { checkDraft, countSet, type Draft, downloadOf, downloadOfLink, EMPTY_DRAFT, startOf } from "./draft";
import { PageInput, readDrop } from "./page-input";

afterEach(() => {
  cleanup();
  closeDialog();
});

const LINK = "https://example.org/ubuntu.iso";
const found = (part: Partial<typeof PROBED> = {}) => ({
  probe: (): Reply => ({ kind: "probed", probed: { ...PROBED, ...part } }),
  add: (): Reply => ({ kind: "added", ids: [1], duplicates: [] }),
});

describe("the Add dialog", () => {
  it("asks no server about a link that others brought before the person looks; Enter starts it then", async () => {
    const user = userEvent.setup();
    const close = vi.fn();
    const { of } = draw(<AddDialog from="others" text={LINK} onClose={close} onShow={() => {}} />, found());
    expect(await screen.findByText("example.org")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Add paused" }).hasAttribute("disabled")).toBe(true);
    const field = screen.getByLabelText("Link");
    // Neither what is typed nor options that are set are leave to ask.
    await user.click(screen.getByRole("button", { name: "More options" }));
    await user.type(await screen.findByLabelText("Cookies"), "a=b");
    fireEvent.change(field, { target: { value: `${LINK}?a` } });
    await user.click(field);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(of("probe")).toHaveLength(0);
    await user.keyboard("{Enter}");
    expect(await screen.findByText("Can resume")).toBeTruthy();
    expect(of("probe")).toMatchObject([{ url: `${LINK}?a`, options: { cookies: "a=b" } }]);
    expect(of("add")).toHaveLength(0);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(close).toHaveBeenCalled());
    expect(of("add")[0]?.downloads).toMatchObject([{ url: `${LINK}?a`, ticket: 7 }]);
  });

  it("has a button that looks at what others brought, and does not forget its first Enter", async () => {
    const user = userEvent.setup();
    const { of } = draw(
      <AddDialog from="others" text={LINK} onClose={() => {}} onShow={() => {}} />,
      found(),
    );
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(of("probe")).toHaveLength(1));
    expect(of("add")).toHaveLength(0);
    draw(<AddDialog from="others" text={LINK} onClose={() => {}} onShow={() => {}} />, found());
    await user.click(await screen.findByRole("button", { name: "Look at it" }));
    expect(await screen.findByRole("button", { name: "Start" })).toBeTruthy();
  });

  it("lets what is typed outlast the window, until it is sent or given up", async () => {
    const user = userEvent.setup();
    const keepDraft = vi.fn();
    const desktop = { ...DESKTOP, keepDraft };
    const dialog = (text: string, begun?: Draft) => (
      <AddDialog from="others" text={text} begun={begun} onClose={() => {}} onShow={() => {}} />
    );
    draw(dialog(LINK), found(), desktop);
    await user.click(await screen.findByRole("button", { name: "More options" }));
    // Whoever brought it brings it again.
    expect(keepDraft).not.toHaveBeenCalled();
    await user.type(await screen.findByLabelText("Cookies"), "a=b");
    fireEvent.change(screen.getByLabelText("Link"), { target: { value: `${LINK}?a` } });
    const kept = JSON.parse(keepDraft.mock.lastCall?.[0]);
    expect(kept).toMatchObject({ kind: "add", text: `${LINK}?a`, from: "others", draft: { cookies: "a=b" } });
    expect(typedNow()).toEqual(kept);
    cleanup();
    expect(keepDraft).toHaveBeenLastCalledWith(null);

    const { of } = draw(dialog(kept.text, kept.draft), found(), desktop);
    expect(await screen.findByDisplayValue("a=b")).toBeTruthy();
    expect(screen.getByDisplayValue(`${LINK}?a`)).toBeTruthy();
    expect(of("probe")).toHaveLength(0);
    expect(JSON.parse(keepDraft.mock.lastCall?.[0])).toEqual(kept);
  });

  it("comes again as it was where the window was closed and is not left", async () => {
    const user = userEvent.setup();
    draw(<Dialogs />, found(), DESKTOP);
    act(() => openDialog({ kind: "add", text: LINK }));
    await user.type(await screen.findByLabelText("Link"), "?typed");
    act(() => openDialog({ kind: "quit", closing: true, over: typedNow() }));
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    expect(await screen.findByDisplayValue(`${LINK}?typed`)).toBeTruthy();
    act(closeDialog);
    expect(typedNow()).toBeNull();
  });

  it("shows what a pasted link leads to, and Enter starts it with the answer held open", async () => {
    const user = userEvent.setup();
    const close = vi.fn();
    const { of } = draw(<AddDialog from="person" text={LINK} onClose={close} onShow={() => {}} />, found());
    expect(await screen.findByDisplayValue("ubuntu.iso")).toBeTruthy();
    expect(screen.getByText(/4\.2.GB/)).toBeTruthy();
    expect(screen.getByText("Can resume")).toBeTruthy();
    await user.type(screen.getByLabelText("Link"), "{Enter}");
    await waitFor(() => expect(close).toHaveBeenCalled());
    expect(of("probe")).toHaveLength(1);
    expect(of("add")[0]?.downloads).toMatchObject([
      { url: LINK, ticket: 7, name: null, start: { kind: "in_turn" } },
    ]);
    expect(of("release")).toHaveLength(0);
  });

  it("asks as a copied command does, and adds with all that was read", async () => {
    const user = userEvent.setup();
    const options = { ...NOTHING_SAID, headers: [["X-Key", "one"] as [string, string]], cookies: "a=b" };
    const link = linkOf({ options, pieces: 5, mirrors: ["https://b.example/x"] });
    const { of } = draw(
      <AddDialog from="person" text={`curl '${LINK}'`} onClose={() => {}} onShow={() => {}} />,
      {
        ...found(),
        read_links: (): Reply => ({ kind: "links", candidates: [{ kind: "link", link }] }),
      },
    );
    await screen.findByDisplayValue("ubuntu.iso");
    expect(of("probe")[0]?.options).toEqual(options);
    await user.type(screen.getByLabelText("Link"), "{Enter}");
    await waitFor(() => expect(of("add")).toHaveLength(1));
    expect(of("add")[0]?.downloads).toMatchObject([{ options, pieces: 5, mirrors: link.mirrors }]);
  });

  it("shows the name that a copied command or a list gives, and keeps it, unless another one is typed", async () => {
    const user = userEvent.setup();
    const link = linkOf({ name: "mine.iso", given_name: "mine.iso" });
    const answers = {
      ...found(),
      read_links: (): Reply => ({ kind: "links", candidates: [{ kind: "link", link }] }),
    };
    const dialog = (
      <AddDialog from="person" text={`curl -o mine.iso '${LINK}'`} onClose={() => {}} onShow={() => {}} />
    );
    const first = draw(dialog, answers);
    await screen.findByDisplayValue("mine.iso");
    await user.type(screen.getByLabelText("Link"), "{Enter}");
    await waitFor(() => expect(first.of("add")[0]?.downloads).toMatchObject([{ name: "mine.iso" }]));

    const second = draw(dialog, answers);
    // Though it is what the server calls it.
    fireEvent.change(await screen.findByDisplayValue("mine.iso"), { target: { value: PROBED.name } });
    await user.type(screen.getByLabelText("Link"), "{Enter}");
    await waitFor(() => expect(second.of("add")[0]?.downloads).toMatchObject([{ name: PROBED.name }]));
  });

  it("takes name and folder from the system's dialog, and Enter starts it then", async () => {
    const user = userEvent.setup();
    const saveAs = vi.fn(async () => ({
      kind: "chosen" as const,
      chosen: { folder: "/mnt/archive", name: "mine.iso", replaces: false },
    }));
    const dialog = <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />;
    const { of } = draw(dialog, found(), { ...DESKTOP, saveAs });
    await screen.findByDisplayValue("ubuntu.iso");
    await user.click(screen.getByRole("button", { name: "Save as" }));
    expect(saveAs).toHaveBeenCalledWith("/srv/Downloads/Disk images", "ubuntu.iso");
    await screen.findByDisplayValue("mine.iso");
    await user.keyboard("{Enter}");
    await waitFor(() =>
      expect(of("add")[0]?.downloads).toMatchObject([
        { folder: "/mnt/archive", name: "mine.iso", replace: false },
      ]),
    );
  });

  it("replaces the file that was agreed to in the system's dialog, and says so", async () => {
    const user = userEvent.setup();
    const target = { folder: "/mnt/archive", name: "ubuntu.iso", replaces: true };
    const saveAs = async () => ({ kind: "chosen" as const, chosen: target });
    const dialog = <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />;
    const { of } = draw(dialog, found(), { ...DESKTOP, saveAs });
    await screen.findByDisplayValue("ubuntu.iso");
    await user.click(screen.getByRole("button", { name: "Save as" }));
    expect(await screen.findByText("The file of this name will be replaced.")).toBeTruthy();
    await user.keyboard("{Enter}");
    await waitFor(() =>
      expect(of("add")[0]?.downloads).toMatchObject([
        // The very name that the server says is an order too, then.
        { folder: "/mnt/archive", name: "ubuntu.iso", replace: true },
      ]),
    );
  });

  it("replaces no file of another name or in another folder", () => {
    const agreed = { ...EMPTY_DRAFT, folder: "/a", name: "b.iso", replaces: { folder: "/a", name: "b.iso" } };
    const replace = (part: object) =>
      downloadOf(LINK, { ...agreed, ...part }, null, null, { kind: "in_turn" }).replace;
    expect(replace({})).toBe(true);
    expect(replace({ name: "c.iso" })).toBe(false);
    expect(replace({ name: null })).toBe(false);
    expect(replace({ folder: "/b" })).toBe(false);
    expect(replace({ folder: null })).toBe(false);
  });

  it("leads to what was added: in its place where the list shows it, else by a word", async () => {
    const user = userEvent.setup();
    const [, id = -1] = draw(null) && [...useEngine.getState().rows.keys()];
    const add = async () => {
      draw(<AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />, {
        ...found(),
        add: () => ({ kind: "added", ids: [id], duplicates: [] }),
      });
      await screen.findByText("Can resume");
      await user.type(screen.getByLabelText("Link"), "{Enter}");
    };
    useUi.getState().show({ kind: "all" });
    await add();
    await waitFor(() => expect(useUi.getState().revealed).toBe(id));
    expect([...useUi.getState().selection]).toEqual([id]);
    useUi.getState().show({ kind: "failed" });
    useUi.getState().revealDone();
    await add();
    const name = useEngine.getState().rows.get(id)?.name;
    expect(await screen.findByText(`${name} was added`)).toBeTruthy();
    expect(useUi.getState().revealed).toBeNull();
    await user.click(screen.getByRole("button", { name: "Show it" }));
    expect(useUi.getState()).toMatchObject({ view: { kind: "all" }, revealed: id });
  });

  it("adds paused by Ctrl and Enter", async () => {
    const user = userEvent.setup();
    const { of } = draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />,
      found(),
    );
    await screen.findByDisplayValue("ubuntu.iso");
    await user.type(screen.getByLabelText("Link"), "{Control>}{Enter}{/Control}");
    await waitFor(() => expect(of("add")[0]?.downloads[0]?.start).toEqual({ kind: "paused" }));
  });

  it("lets the answer go when it is closed without adding", async () => {
    const { of, unmount } = draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />,
      found(),
    );
    await screen.findByDisplayValue("ubuntu.iso");
    unmount();
    expect(of("release")).toEqual([{ action: "release", ticket: 7 }]);
  });

  it("lets an answer go that comes after the dialog was closed", async () => {
    let answer: (reply: Reply) => void = () => {};
    const { of, unmount } = draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />,
      {
        probe: () => new Promise<Reply>((resolve) => (answer = resolve)),
      },
    );
    await waitFor(() => expect(of("probe")).toHaveLength(1));
    unmount();
    answer({ kind: "probed", probed: PROBED });
    await waitFor(() => expect(of("release")).toEqual([{ action: "release", ticket: 7 }]));
  });

  it("starts as soon as the answer is there when Enter was quicker", async () => {
    const user = userEvent.setup();
    let answer: (reply: Reply) => void = () => {};
    const { of } = draw(<AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />, {
      ...found(),
      probe: () => new Promise<Reply>((resolve) => (answer = resolve)),
    });
    await waitFor(() => expect(of("probe")).toHaveLength(1));
    await user.type(screen.getByLabelText("Link"), "{Enter}");
    expect(of("add")).toHaveLength(0);
    answer({ kind: "probed", probed: PROBED });
    await waitFor(() => expect(of("add")[0]?.downloads[0]?.ticket).toBe(7));
  });

  it("asks about a link that the list holds, in its place", async () => {
    const user = userEvent.setup();
    const show = vi.fn();
    const duplicate = { url: LINK, id: 3, name: "ubuntu.iso", finished: true };
    const { of } = draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={show} />,
      found({ duplicates: [duplicate] }),
    );
    expect(await screen.findByText("This was downloaded already: ubuntu.iso.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show it" }));
    expect(show).toHaveBeenCalledWith(duplicate);
    await user.click(screen.getByRole("button", { name: "Add once more" }));
    await waitFor(() => expect(of("add")[0]?.duplicates).toBe("add"));
  });

  it("says in words why a link cannot be reached, and asks who one is in place", async () => {
    const user = userEvent.setup();
    const { of } = draw(<AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />, {
      probe: (command) =>
        command.action === "probe" && command.options.credentials
          ? { kind: "probed", probed: PROBED }
          : { kind: "failed", failure: { code: "unauthorized", message: "401", remedy: "credentials" } },
    });
    expect(await screen.findByText("The server wants a name and a password.")).toBeTruthy();
    expect(of("probe")).toHaveLength(1);
    await user.type(screen.getByLabelText("User name"), "ada");
    await user.tab();
    // Longer than typing must rest: half a login is not sent, and its fields stay.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await user.keyboard("lovelace");
    expect(screen.getByLabelText("Password")).toHaveProperty("value", "lovelace");
    expect(of("probe")).toHaveLength(1);
    await user.tab();
    expect(await screen.findByText("Can resume")).toBeTruthy();
    expect(of("probe").map(({ options }) => options.credentials)).toEqual([
      null,
      { kind: "basic", user: "ada", password: "lovelace" },
    ]);
  });

  it("looks anew by Enter where it is asked for in another way, and starts then", async () => {
    const user = userEvent.setup();
    const { of } = draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />,
      found(),
    );
    await screen.findByText("Can resume");
    await user.click(screen.getByRole("button", { name: "More options" }));
    await user.type(await screen.findByLabelText("Cookies"), "a=b{Enter}");
    await waitFor(() => expect(of("add")).toHaveLength(1));
    expect(of("probe").map(({ options }) => options.cookies)).toEqual([null, "a=b"]);
    expect(of("release")).toHaveLength(1);
  });

  it("adds the link that stands there, however quick Enter was", async () => {
    const user = userEvent.setup();
    const { of } = draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />,
      found(),
    );
    await screen.findByText("Can resume");
    const field = screen.getByLabelText("Link");
    fireEvent.change(field, { target: { value: "https://example.org/two.iso" } });
    await user.type(field, "{Enter}");
    await waitFor(() => expect(of("add")).toHaveLength(1));
    expect(of("add")[0]?.downloads.map(({ url }) => url)).toEqual(["https://example.org/two.iso"]);
  });

  it("does not add what has no name", async () => {
    const user = userEvent.setup();
    const { of } = draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />,
      found(),
    );
    await user.clear(await screen.findByLabelText("File name"));
    expect(screen.getByText("The file needs a name.")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Start" }).hasAttribute("disabled")).toBe(true);
    await user.type(screen.getByLabelText("Link"), "{Enter}");
    expect(of("add")).toHaveLength(0);
  });

  it("warns where the file does not fit", async () => {
    draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />,
      found({ free_bytes: 1_000_000 }),
    );
    expect(await screen.findByText(/It needs 4\.2.GB; only 1\.0.MB are free there/)).toBeTruthy();
  });

  it.each([
    ["says where it fits only without what is queued", 5_000_000_000, 2_000_000_000, true],
    ["says nothing of what is queued where both fit", 9_000_000_000, 2_000_000_000, false],
  ])("%s", async (_, free_bytes, needed_bytes, isSaid) => {
    draw(
      <AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />,
      found({ free_bytes, needed_bytes }),
    );
    await screen.findByText("Can resume");
    const said = screen.queryByText(/^5\.0.GB are free there, and what is queued still needs 2\.0.GB\.$/);
    expect(said !== null).toBe(isSaid);
    expect(screen.getByRole("button", { name: "Start" }).hasAttribute("disabled")).toBe(false);
  });

  it("knows the room of a folder that was chosen", async () => {
    const user = userEvent.setup();
    draw(<AddDialog from="person" text={LINK} onClose={() => {}} onShow={() => {}} />, {
      ...found(),
      list_folders: () => ({ kind: "folders", folders: [], free_bytes: 1_000_000, needed_bytes: 0 }),
    });
    await screen.findByText("Can resume");
    expect(screen.queryByText(/only 1\.0.MB are free there/)).toBeNull();
    await user.click(screen.getByRole("button", { name: /^Folder/ }));
    await user.click(await screen.findByRole("button", { name: "Use this folder" }));
    expect(await screen.findByText(/It needs 4\.2.GB; only 1\.0.MB are free there/)).toBeTruthy();
  });

  it("turns a pattern into a table to tick, and adds what is ticked", async () => {
    const user = userEvent.setup();
    const { of } = draw(
      <AddDialog
        from="person"
        text="https://example.org/part[01-12].zip"
        onClose={() => {}}
        onShow={() => {}}
      />,
      { add: () => ({ kind: "added", ids: [], duplicates: [] }) },
    );
    const table = await screen.findByRole("listbox", { name: "Links found" });
    expect(screen.getByText("12 of 12 chosen")).toBeTruthy();
    table.focus();
    await user.keyboard("{ArrowDown} ");
    expect(screen.getByText("11 of 12 chosen")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Start all" }));
    await waitFor(() => expect(of("add")[0]?.downloads).toHaveLength(11));
    expect(of("add")[0]?.downloads.map(({ url }) => url)).not.toContain("https://example.org/part02.zip");
  });

  it("keeps what is ticked where it is asked for in another way, and starts by Enter in the table", async () => {
    const user = userEvent.setup();
    const { of } = draw(
      <AddDialog
        from="person"
        text="https://example.org/part[01-12].zip"
        onClose={() => {}}
        onShow={() => {}}
      />,
      { add: () => ({ kind: "added", ids: [], duplicates: [] }) },
    );
    const table = await screen.findByRole("listbox", { name: "Links found" });
    table.focus();
    await user.keyboard(" ");
    await user.click(screen.getByRole("button", { name: "More options" }));
    await user.type(await screen.findByLabelText("Referring page"), "https://example.org/");
    table.focus();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(screen.getByText("11 of 12 chosen")).toBeTruthy();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(of("add")[0]?.downloads).toHaveLength(11));
    expect(of("read_links")).toHaveLength(1);
    expect(of("add")[0]?.downloads[0]?.options.referer).toBe("https://example.org/");
  });

  it("ticks ten thousand links at once", async () => {
    const user = userEvent.setup();
    draw(
      <AddDialog
        from="person"
        text="https://example.org/part[00001-10000].zip"
        onClose={() => {}}
        onShow={() => {}}
      />,
    );
    const table = await screen.findByRole("listbox", { name: "Links found" }, { timeout: 5000 });
    expect(screen.queryAllByRole("option").length).toBeLessThan(100);
    table.focus();
    await user.keyboard("{Control>}a{/Control}");
    expect(screen.getByText("0 of 10,000 chosen")).toBeTruthy();
  });
});

const NOTHING_SAID: RequestOptions = {
  headers: [],
  cookies: null,
  referer: null,
  credentials: null,
  proxy: null,
  user_agent: null,
};

function linkOf(part: Partial<Link>): Link {
  return {
    url: LINK,
    mirrors: [],
    name: "ubuntu.iso",
    given_name: null,
    length: null,
    file_kind: "other",
    checksums: [],
    pieces: null,
    options: NOTHING_SAID,
    duplicate: null,
    ...part,
  };
}

describe("a draft", () => {
  it("complains by field", () => {
    const draft = {
      ...EMPTY_DRAFT,
      checksums: "zz",
      headers: "no colon",
      proxy: "x",
      referer: "y",
      mirrors: "ftp://a/b",
      startAt: "2020-01-01T00:00",
    };
    expect(checkDraft(draft, Date.now())).toEqual({
      checksums: "checksum",
      headers: "header",
      proxy: "proxy",
      referer: "url",
      mirrors: "urlScheme",
      startAt: "past",
    });
    expect(checkDraft(EMPTY_DRAFT, Date.now())).toEqual({});
  });

  it("becomes what the wire takes", () => {
    const draft = {
      ...EMPTY_DRAFT,
      name: "other.iso",
      mirrors: "https://b.example/x\n",
      checksums: "d41d8cd98f00b204e9800998ecf8427e",
      headers: "X-A: 1\nX-B: 2",
      cookies: " a=b ",
      login: "bearer" as const,
      token: "secret",
    };
    expect(countSet(draft)).toBe(5);
    expect(downloadOf(LINK, draft, PROBED, 7, startOf(draft, "in_turn"))).toMatchObject({
      name: "other.iso",
      mirrors: ["https://b.example/x"],
      checksums: ["md5:d41d8cd98f00b204e9800998ecf8427e"],
      ticket: 7,
      options: {
        headers: [
          ["X-A", "1"],
          ["X-B", "2"],
        ],
        cookies: "a=b",
        credentials: { kind: "bearer", token: "secret" },
      },
    });
  });

  it("takes the name of a link only where the text gives one", () => {
    const guessed = linkOf({ name: "guess", mirrors: [LINK] });
    const given = linkOf({ name: "mine.iso", given_name: "mine.iso" });
    expect(downloadOfLink(guessed, EMPTY_DRAFT, { kind: "in_turn" }).name).toBeNull();
    expect(downloadOfLink(given, EMPTY_DRAFT, { kind: "in_turn" }).name).toBe("mine.iso");
  });

  it("keeps how a link says to ask, and lets the dialog say otherwise", () => {
    const options = { ...NOTHING_SAID, headers: [["X-A", "1"] as [string, string]], cookies: "a=b" };
    const link = linkOf({ options, pieces: 3 });
    expect(downloadOfLink(link, EMPTY_DRAFT, { kind: "in_turn" })).toMatchObject({ options, pieces: 3 });
    const draft = { ...EMPTY_DRAFT, headers: "x-a: 2", cookies: "c=d" };
    expect(downloadOfLink(link, draft, { kind: "in_turn" }).options).toEqual({
      ...NOTHING_SAID,
      headers: [["x-a", "2"]],
      cookies: "c=d",
    });
  });
});

describe("the page", () => {
  const pasteOn = (target: Element, text: string) => {
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { getData: () => text } });
    fireEvent(target, event);
  };

  it("opens the dialog by a paste anywhere, but not by one into a field", () => {
    draw(
      <>
        <PageInput />
        <input aria-label="field" />
      </>,
    );
    pasteOn(screen.getByLabelText("field"), LINK);
    expect(useDialogs.getState().shown).toBeNull();
    pasteOn(document.body, ` ${LINK}\n`);
    expect(useDialogs.getState().shown).toEqual({ kind: "add", text: LINK, from: "person" });
  });

  it("takes the place of a dialog that holds nothing, and waits for one that is filled in", async () => {
    draw(<PageInput />);
    openDialog({ kind: "keys" });
    pasteOn(document.body, LINK);
    expect(useDialogs.getState().shown).toEqual({ kind: "add", text: LINK, from: "person" });
    pasteOn(document.body, "https://example.org/b");
    expect(useDialogs.getState().shown).toEqual({ kind: "add", text: LINK, from: "person" });
    expect(await screen.findByText(/^Another link came/)).toBeTruthy();
    act(closeDialog);
    expect(useDialogs.getState().shown).toEqual({
      kind: "add",
      text: "https://example.org/b",
      from: "person",
    });
  });

  it("says that what was dropped holds no links", async () => {
    draw(<PageInput />);
    const film = new File(["d8:announce"], "film.torrent");
    const event = new Event("drop", { bubbles: true, cancelable: true });
    Object.assign(event, { dataTransfer: { types: ["Files"], files: [film], getData: () => "" } });
    fireEvent(document.body, event);
    expect(await screen.findByText(/^There are no links in it/)).toBeTruthy();
    expect(useDialogs.getState().shown).toBeNull();
  });

  it("says that what was dropped cannot be read", async () => {
    draw(<PageInput />);
    const gone = new File([LINK], "links.txt");
    gone.text = () => Promise.reject(new DOMException("it is gone", "NotFoundError"));
    const event = new Event("drop", { bubbles: true, cancelable: true });
    Object.assign(event, { dataTransfer: { types: ["Files"], files: [gone], getData: () => "" } });
    fireEvent(document.body, event);
    expect(await screen.findByText("What was dropped could not be read.")).toBeTruthy();
  });

  it("reads what is dropped: files before links before words", async () => {
    const list = new File([`${LINK}\nhttps://example.org/b`], "links.txt");
    const dropped = (files: File[], texts: Record<string, string>) =>
      readDrop({ files: files as unknown as FileList, getData: (type) => texts[type] ?? "" });
    expect(await dropped([list], { "text/plain": "x" })).toBe(`${LINK}\nhttps://example.org/b`);
    expect(await dropped([], { "text/uri-list": `# note\r\n${LINK}\r\n`, "text/plain": "x" })).toBe(LINK);
    expect(await dropped([], { "text/plain": "words" })).toBe("words");
    expect(await dropped([new File([new Uint8Array(16 << 20)], "long.txt")], {})).not.toBeNull();
    expect(await dropped([new File([new Uint8Array((16 << 20) + 1)], "big.txt")], {})).toBeNull();
  });
});
