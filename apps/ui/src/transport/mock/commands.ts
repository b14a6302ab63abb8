import type { Command, DownloadId, Duplicate, Failure, NewDownload, Reply, Root, Row } from "@/generated";
import { categoryOf, GB, kindOf, MB, makeRow, ROOT } from "./catalogue";
import type { MockEngine } from "./engine";
import { readLinks } from "./links";
import { MAIN_QUEUE, type Simulated } from "./model";
import { Random } from "./random";
import { Transfer } from "./transfer";

export const UNDO_MS = 10_000;

const DONE: Reply = { kind: "done" };

/** Does what a command asks of the simulated engine. */
export function execute(engine: MockEngine, command: Command): Reply {
  switch (command.action) {
    case "pause":
      return each(
        engine,
        command.ids,
        ({ row }) => canPause(row),
        (it) => engine.stand(it, { kind: "paused" }),
      );
    case "resume":
      return each(
        engine,
        command.ids,
        ({ row }) => canResume(row),
        (it) => engine.stand(it, { kind: "queued" }),
      );
    case "pause_all":
      return each(
        engine,
        [...engine.downloads.keys()],
        ({ row }) => canPause(row),
        (it) => engine.stand(it, { kind: "paused" }),
      );
    case "resume_all":
      return each(
        engine,
        [...engine.downloads.keys()],
        ({ row }) => row.standing.kind === "paused",
        (it) => engine.stand(it, { kind: "queued" }),
      );
    case "restart":
      return each(
        engine,
        command.ids,
        () => true,
        (it) => {
          it.transfer.done = [];
          engine.stand(it, { kind: "queued" });
        },
      );
    case "remove":
      return remove(engine, command.ids);
    case "undo_remove":
      return undoRemove(engine, command.ids);
    case "set_limit":
      return setLimit(engine, command);
    case "switch_limit":
      engine.settings = {
        ...engine.settings,
        network: { ...engine.settings.network, limit_on: command.on },
      };
      engine.emit({ kind: "settings", settings: engine.settings });
      return DONE;
    case "set_connections":
      return each(
        engine,
        command.ids,
        () => true,
        (it) => engine.change(it, { connections_limit: command.connections }),
      );
    case "replace_url":
      return each(
        engine,
        [command.id],
        () => true,
        (it) => {
          engine.change(it, { url: command.url, host: hostOf(command.url) });
          engine.stand(it, { kind: "queued" });
        },
      );
    case "add_mirror":
      return each(
        engine,
        [command.id],
        () => true,
        (it) => engine.change(it, { mirrors: it.row.mirrors + 1 }),
      );
    case "set_options":
      return each(
        engine,
        [command.id],
        ({ row }) => row.standing.kind === "failed",
        (it) => engine.stand(it, { kind: "queued" }),
      );
    case "move_files":
      return each(
        engine,
        command.ids,
        () => true,
        (it) => {
          engine.change(it, { folder: command.folder });
          if (it.row.standing.kind === "failed") engine.stand(it, { kind: "queued" });
        },
      );
    case "rename":
      return each(
        engine,
        [command.id],
        () => true,
        (it) => engine.change(it, { name: command.name }),
      );
    case "copy_links": {
      const urls = command.ids.flatMap((id) => {
        const found = engine.downloads.get(id);
        return found ? [`${found.row.url}?token=kept-out-of-lists`] : [];
      });
      return urls.length > 0 ? { kind: "addresses", urls } : notFound();
    }
    case "move_in_order":
      return moveInOrder(engine, command);
    case "set_priority":
      return each(
        engine,
        command.ids,
        () => true,
        (it) => engine.change(it, { priority: command.priority }),
      );
    case "set_category":
      return each(
        engine,
        command.ids,
        () => true,
        (it) => engine.change(it, { category: command.category }),
      );
    case "probe":
      return probe(engine, command.url);
    case "release":
      return DONE;
    case "read_links":
      return { kind: "links", candidates: readLinks(command.text, (url) => duplicateOf(engine, url)) };
    case "add":
      return add(engine, command.downloads, command.duplicates);
    case "list_finished":
      return listFinished(engine, command);
    case "get_detail": {
      const detail = engine.detail(command.id);
      return detail ? { kind: "detail", detail } : notFound();
    }
    case "change_settings":
      engine.settings = command.settings;
      engine.emit({ kind: "settings", settings: engine.settings });
      return DONE;
    case "list_folders":
      return listFolders(engine, command.folder);
    case "dismiss_folder":
      engine.chosen.delete(command.folder);
      engine.emit({ kind: "roots", roots: engine.roots() });
      return DONE;
    case "make_folder":
      engine.folders.add(command.folder);
      return DONE;
    case "export":
      return {
        kind: "exported",
        text: JSON.stringify({ downloads: [...engine.downloads.values()].map(({ row }) => row) }, null, 2),
      };
    case "import":
      return { kind: "added", ids: [], duplicates: [] };
    case "quit":
      engine.emit({ kind: "notice", notice: { kind: "quitting" } });
      return DONE;
    default:
      return organise(engine, command);
  }
}

type OrganiseCommand = Extract<
  Command,
  {
    action:
      | "add_queue"
      | "change_queue"
      | "remove_queue"
      | "run_queue"
      | "add_category"
      | "change_category"
      | "remove_category";
  }
>;

function organise(engine: MockEngine, command: OrganiseCommand): Reply {
  let reply: Reply = DONE;
  switch (command.action) {
    case "add_queue": {
      const id = Math.max(0, ...engine.queues.map((queue) => queue.id)) + 1;
      engine.queues = [...engine.queues, { ...command.queue, id }];
      reply = { kind: "queue", id };
      break;
    }
    case "change_queue":
      engine.queues = engine.queues.map((queue) => (queue.id === command.queue.id ? command.queue : queue));
      break;
    case "remove_queue":
      if (command.id === MAIN_QUEUE) return failed("wrong_state", "The main queue always exists.");
      engine.queues = engine.queues.filter((queue) => queue.id !== command.id);
      for (const it of engine.downloads.values())
        if (it.row.queue === command.id) engine.change(it, { queue: MAIN_QUEUE });
      break;
    case "run_queue":
      engine.queues = engine.queues.map((queue) =>
        queue.id === command.id ? { ...queue, running: command.run === "start" } : queue,
      );
      if (command.run === "stop")
        for (const it of engine.downloads.values())
          if (it.row.queue === command.id && it.row.standing.kind === "downloading")
            engine.stand(it, { kind: "queued" });
      break;
    case "add_category": {
      const id = Math.max(0, ...engine.categories.map((category) => category.id)) + 1;
      engine.categories = [...engine.categories, { ...command.category, id }];
      reply = { kind: "category", id };
      break;
    }
    case "change_category":
      engine.categories = engine.categories.map((category) =>
        category.id === command.category.id ? command.category : category,
      );
      break;
    case "remove_category":
      engine.categories = engine.categories.filter((category) => category.id !== command.id);
      for (const it of engine.downloads.values())
        if (it.row.category === command.id) engine.change(it, { category: null });
      break;
  }
  engine.emit({ kind: "queues", queues: engine.queues });
  engine.emit({ kind: "categories", categories: engine.categories });
  return reply;
}

function each(
  engine: MockEngine,
  ids: readonly DownloadId[],
  fits: (simulated: Simulated) => boolean,
  act: (simulated: Simulated) => void,
): Reply {
  for (const id of ids) {
    const simulated = engine.downloads.get(id);
    if (simulated && fits(simulated)) act(simulated);
  }
  return DONE;
}

function canPause({ standing }: Row): boolean {
  return !["paused", "finished", "failed"].includes(standing.kind);
}

function canResume({ standing }: Row): boolean {
  return ["paused", "failed", "waiting", "scheduled"].includes(standing.kind);
}

function remove(engine: MockEngine, ids: readonly DownloadId[]): Reply {
  const until_ms = engine.now_ms + UNDO_MS;
  for (const id of ids) {
    const simulated = engine.downloads.get(id);
    if (!simulated) continue;
    if (simulated.row.standing.kind !== "finished") engine.stand(simulated, { kind: "paused" });
    engine.removed.set(id, { simulated, until_ms });
    engine.downloads.delete(id);
  }
  engine.emit({ kind: "removed", ids: [...ids], undo_until_ms: until_ms, counts: engine.counts() });
  return { kind: "removed", undo_until_ms: until_ms };
}

function undoRemove(engine: MockEngine, ids: readonly DownloadId[]): Reply {
  for (const id of ids) {
    const removed = engine.removed.get(id);
    if (!removed) continue;
    engine.removed.delete(id);
    engine.downloads.set(id, removed.simulated);
    engine.change(removed.simulated, {});
  }
  return DONE;
}

function setLimit(
  engine: MockEngine,
  { scope, limit_bytes_per_s }: Extract<Command, { action: "set_limit" }>,
): Reply {
  switch (scope.kind) {
    case "all":
      engine.settings = { ...engine.settings, network: { ...engine.settings.network, limit_bytes_per_s } };
      engine.emit({ kind: "settings", settings: engine.settings });
      return DONE;
    case "queue":
      engine.queues = engine.queues.map((queue) =>
        queue.id === scope.id ? { ...queue, limit_bytes_per_s } : queue,
      );
      engine.emit({ kind: "queues", queues: engine.queues });
      return DONE;
    case "downloads":
      return each(
        engine,
        scope.ids,
        () => true,
        (it) => engine.change(it, { limit_bytes_per_s }),
      );
  }
}

function moveInOrder(
  engine: MockEngine,
  { ids, queue, place }: Extract<Command, { action: "move_in_order" }>,
): Reply {
  const moved = new Set(ids);
  const others = [...engine.downloads.values()]
    .map(({ row }) => row)
    .filter((row) => !moved.has(row.id))
    .sort((a, b) => a.position - b.position);
  let low = (others[others.length - 1]?.position ?? 0) + 0;
  let high = low + ids.length + 1;
  if (place.kind === "first") {
    high = others[0]?.position ?? 1;
    low = high - ids.length - 1;
  } else if (place.kind === "before") {
    const index = others.findIndex((row) => row.id === place.id);
    if (index < 0) return notFound();
    high = others[index]?.position ?? 0;
    low = others[index - 1]?.position ?? high - 1;
  }
  for (const [index, id] of ids.entries()) {
    const it = engine.downloads.get(id);
    const position = low + ((high - low) * (index + 1)) / (ids.length + 1);
    if (it) engine.change(it, { position, ...(queue === null ? {} : { queue }) });
  }
  return DONE;
}

function probe(engine: MockEngine, url: string): Reply {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return failed("invalid_request", "This is not an address.");
  }
  if (!/^https?:$/.test(parsed.protocol))
    return failed("invalid_request", "Only http and https addresses can be fetched.");
  if (parsed.pathname.includes("expired"))
    return {
      kind: "failed",
      failure: {
        code: "expired",
        message: `${parsed.host} answers 403: the link has expired.`,
        remedy: "new_link",
      },
    };
  if (parsed.pathname.includes("missing"))
    return {
      kind: "failed",
      failure: {
        code: "refused",
        message: `${parsed.host} answers 404: there is no such file.`,
        remedy: "new_link",
      },
    };
  const name = nameOf(url);
  const file_kind = kindOf(name);
  const category = categoryOf(file_kind, engine.categories);
  const folder = engine.categories.find(({ id }) => id === category)?.name;
  const duplicate = duplicateOf(engine, url);
  const resumable = !parsed.pathname.includes("stream");
  return {
    kind: "probed",
    probed: {
      ticket: engine.random.whole(1, 1_000_000),
      name,
      length: resumable ? lengthOf(url) : null,
      file_kind,
      media_type: "application/octet-stream",
      resumable,
      host: parsed.host,
      category,
      folder: folder ? `${ROOT}/${folder}` : ROOT,
      ...roomOf(engine),
      digest: parsed.pathname.endsWith(".iso") ? "sha256" : null,
      name_taken: [...engine.downloads.values()].some(({ row }) => row.name === name),
      duplicates: duplicate ? [duplicate] : [],
    },
  };
}

function add(engine: MockEngine, wanted: readonly NewDownload[], choice: "ask" | "add" | "skip"): Reply {
  const known = wanted.map((download) => duplicateOf(engine, download.url));
  const duplicates = choice === "add" ? [] : known.filter((duplicate) => duplicate !== null);
  const taken = wanted.filter((_, index) => choice === "add" || !known[index]);
  const ids = taken.map((download) => {
    const id = Math.max(0, ...engine.downloads.keys(), ...engine.removed.keys()) + 1;
    const name = download.name ?? nameOf(download.url);
    const length = download.url.includes("stream") ? null : lengthOf(download.url);
    const row = makeRow({ id, name, host: hostOf(download.url), standing: { kind: "queued" } });
    const server = {
      connections: download.connections ?? engine.settings.network.connections,
      perConnection_bytes_per_s: 2.5 * MB,
      line_bytes_per_s: 400 * MB,
      slowWorker: null,
      sendsRanges: length !== null,
    };
    const simulated: Simulated = {
      row: {
        ...row,
        url: download.url.split(/[?#]/)[0] ?? download.url,
        length,
        queue: download.queue ?? MAIN_QUEUE,
        folder: download.folder ?? row.folder,
        category: download.category ?? row.category,
        mirrors: download.mirrors.length,
        connections_limit: download.connections,
        limit_bytes_per_s: download.limit_bytes_per_s,
        added_at_ms: engine.now_ms,
        position: Math.max(0, ...[...engine.downloads.values()].map((it) => it.row.position)) + 1,
      },
      transfer: new Transfer(length, server, [], new Random(id)),
      left_ms: null,
    };
    engine.downloads.set(id, simulated);
    engine.change(simulated, {});
    if (download.start.kind === "paused") engine.stand(simulated, { kind: "paused" });
    if (download.start.kind === "at")
      engine.stand(simulated, { kind: "scheduled", at_ms: download.start.at_ms });
    // An answer that was held open is the transfer's first: it moves at once.
    if (download.ticket !== null && download.start.kind === "in_turn")
      engine.stand(simulated, { kind: "downloading" });
    return id;
  });
  return { kind: "added", ids, duplicates };
}

function listFinished(engine: MockEngine, { page }: Extract<Command, { action: "list_finished" }>): Reply {
  const search = page.search?.toLowerCase() ?? "";
  const rows = [...engine.downloads.values()]
    .map(({ row }) => row)
    .filter((row) => row.standing.kind === "finished")
    .filter((row) => page.category === null || row.category === page.category)
    .filter((row) => row.name.toLowerCase().includes(search) || row.host.toLowerCase().includes(search))
    .sort((a, b) => (b.finished_at_ms ?? 0) - (a.finished_at_ms ?? 0));
  return { kind: "finished", rows: rows.slice(page.offset, page.offset + page.count), total: rows.length };
}

function listFolders(engine: MockEngine, folder: string): Reply {
  if (!`${folder}/`.startsWith(`${ROOT}/`))
    return failed("outside_roots", "This folder is not beneath a configured one.");
  const inside = [...engine.folders].filter((path) => path.slice(0, path.lastIndexOf("/")) === folder).sort();
  return {
    kind: "folders",
    folders: inside.map((path) => ({ path, name: path.slice(path.lastIndexOf("/") + 1) })),
    ...roomOf(engine),
  };
}

/** All folders of the mock's first root lie on one disk. */
function roomOf(engine: MockEngine): Pick<Root, "free_bytes" | "needed_bytes"> {
  const { free_bytes, needed_bytes } = engine.firstRoot();
  return { free_bytes, needed_bytes };
}

function duplicateOf(engine: MockEngine, url: string): Duplicate | null {
  const bare = url.split(/[?#]/)[0] ?? url;
  for (const { row } of engine.downloads.values())
    if (row.url === bare)
      return { url: bare, id: row.id, name: row.name, finished: row.standing.kind === "finished" };
  return null;
}

export function nameOf(url: string): string {
  const last = url.split(/[?#]/)[0]?.split("/").pop();
  try {
    return decodeURIComponent(last || "download");
  } catch {
    return last || "download";
  }
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "example.org";
  }
}

/** A length that an address always has. */
function lengthOf(url: string): number {
  let hash = 7;
  for (const character of url) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return Math.floor(new Random(hash).between(40 * MB, 6 * GB));
}

function notFound(): Reply {
  return failed("not_found", "There is no such download.");
}

function failed(code: Failure["code"], message: string): Reply {
  return { kind: "failed", failure: { code, message, remedy: null } };
}
