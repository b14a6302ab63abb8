import type {
  CategoryId,
  Credentials,
  Link,
  NewDownload,
  Probed,
  QueueId,
  RequestOptions,
  Start,
} from "@/generated";
import {
  type Complaint,
  checkChecksums,
  checkFileName,
  checkHeaders,
  checkProxy,
  checkUrl,
  checkUrls,
  linesOf,
  readChecksum,
  readHeader,
} from "@/lib/checks";

/** Everything that a person may set in the Add dialog, as it stands in the fields. */
export interface Draft {
  /** None takes what the probe says. */
  name: string | null;
  folder: string | null;
  /** The file that was agreed to be replaced: this one, and no other that name and folder may come to say. */
  replaces: { folder: string; name: string } | null;
  category: CategoryId | null;
  queue: QueueId | null;
  connections: number | null;
  limit_bytes_per_s: number | null;
  checksums: string;
  mirrors: string;
  headers: string;
  cookies: string;
  referer: string;
  login: "none" | "basic" | "bearer";
  user: string;
  password: string;
  token: string;
  proxy: string;
  /** As a `datetime-local` field has it; empty is in turn. */
  startAt: string;
}

export const EMPTY_DRAFT: Draft = {
  name: null,
  folder: null,
  replaces: null,
  category: null,
  queue: null,
  connections: null,
  limit_bytes_per_s: null,
  checksums: "",
  mirrors: "",
  headers: "",
  cookies: "",
  referer: "",
  login: "none",
  user: "",
  password: "",
  token: "",
  proxy: "",
  startAt: "",
};

/** What is wrong, by field. */
export type Complaints = Partial<Record<keyof Draft, Complaint>>;

/** Holds the fields against what they may hold. */
export function checkDraft(draft: Draft, now_ms: number): Complaints {
  const complaints: Complaints = {};
  const note = (field: keyof Draft, complaint: Complaint | null) => {
    if (complaint) complaints[field] = complaint;
  };
  if (draft.name !== null) note("name", checkFileName(draft.name));
  note("checksums", checkChecksums(draft.checksums));
  note("mirrors", checkUrls(draft.mirrors));
  note("headers", checkHeaders(draft.headers));
  if (draft.referer.trim() !== "") note("referer", checkUrl(draft.referer));
  if (draft.proxy.trim() !== "") note("proxy", checkProxy(draft.proxy));
  if (/[\r\n]/.test(draft.cookies.trim())) note("cookies", "header");
  if (draft.startAt !== "" && !(startMoment(draft) > now_ms)) note("startAt", "past");
  return complaints;
}

/** How many of the fields that are out of sight say something. */
export function countSet(draft: Draft): number {
  const {
    name: _name,
    folder: _folder,
    replaces: _replaces,
    user: _user,
    password: _password,
    token: _token,
    ...rest
  } = draft;
  return Object.entries(rest).filter(([field, value]) => value !== EMPTY_DRAFT[field as keyof Draft]).length;
}

/** Whether the file that name and folder say now is the one that was agreed to be replaced. */
export function mayReplace({ name, folder, replaces }: Draft): boolean {
  return replaces !== null && replaces.name === name && replaces.folder === folder;
}

/** How to ask, as the wire takes it. */
export function optionsOf(draft: Draft): RequestOptions {
  const trimmed = (text: string) => (text.trim() === "" ? null : text.trim());
  return {
    headers: linesOf(draft.headers).flatMap((line) => {
      const header = readHeader(line);
      return header ? [header] : [];
    }),
    cookies: trimmed(draft.cookies),
    referer: trimmed(draft.referer),
    credentials: credentialsOf(draft),
    proxy: trimmed(draft.proxy),
    user_agent: null,
  };
}

/** How to ask for a link that itself says how, as a copied command does: what the dialog says goes before. */
export function optionsFor(link: Link | null, draft: RequestOptions): RequestOptions {
  if (!link) return draft;
  const { headers, cookies, referer, credentials, proxy, user_agent } = link.options;
  const named = new Set(draft.headers.map(([name]) => name.toLowerCase()));
  return {
    headers: [...headers.filter(([name]) => !named.has(name.toLowerCase())), ...draft.headers],
    cookies: draft.cookies ?? cookies,
    referer: draft.referer ?? referer,
    credentials: draft.credentials ?? credentials,
    proxy: draft.proxy ?? proxy,
    user_agent: draft.user_agent ?? user_agent,
  };
}

/** When it begins. */
export function startOf(draft: Draft, paused: "paused" | "in_turn"): Start {
  if (paused === "paused") return { kind: "paused" };
  return draft.startAt === "" ? { kind: "in_turn" } : { kind: "at", at_ms: startMoment(draft) };
}

/** The one download that was looked at. */
export function downloadOf(
  url: string,
  draft: Draft,
  probed: Probed | null,
  ticket: number | null,
  start: Start,
): NewDownload {
  return {
    ...shared(draft, start),
    url,
    mirrors: linesOf(draft.mirrors),
    // An edited name that is the found one again is not an order; in place of a file it is one.
    name: draft.name !== probed?.name || mayReplace(draft) ? draft.name : null,
    checksums: checksumsOf(draft),
    ticket,
    replace: mayReplace(draft),
  };
}

/** What a Metalink file, a list or a copied command said of the one download that was looked at stays with it. */
export function withLink(download: NewDownload, draft: Draft, link: Link | null): NewDownload {
  if (!link) return download;
  return {
    ...download,
    // Beside a name that the text gives, an edited one is an order, though the server may call the file so too.
    name: link.given_name === null ? download.name : (draft.name ?? link.given_name),
    mirrors: [...link.mirrors, ...download.mirrors],
    checksums: download.checksums.length > 0 ? download.checksums : link.checksums,
    pieces: link.pieces,
    options: optionsFor(link, download.options),
  };
}

/** One of many. Name, mirrors and digests are the link's own. */
export function downloadOfLink(link: Link, draft: Draft, start: Start): NewDownload {
  const { url, mirrors, checksums, pieces } = link;
  // A name that the address suggests is a guess; the server may know better.
  const name = link.given_name;
  const common = shared(draft, start);
  const options = optionsFor(link, common.options);
  return { ...common, options, url, mirrors, name, checksums, pieces, ticket: null, replace: false };
}

function shared(draft: Draft, start: Start) {
  const { folder, category, queue, connections, limit_bytes_per_s } = draft;
  return { folder, category, queue, connections, limit_bytes_per_s, start, options: optionsOf(draft) };
}

function checksumsOf(draft: Draft): string[] {
  return linesOf(draft.checksums).flatMap((line) => readChecksum(line) ?? []);
}

function credentialsOf({ login, user, password, token }: Draft): Credentials | null {
  if (login === "basic" && user !== "") return { kind: "basic", user, password };
  if (login === "bearer" && token !== "") return { kind: "bearer", token };
  return null;
}

function startMoment(draft: Draft): number {
  return new Date(draft.startAt).getTime();
}
