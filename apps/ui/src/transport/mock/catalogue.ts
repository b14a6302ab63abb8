import type { Category, FileKind, Queue, Row, Settings } from "@/generated";
import { DEFAULT_SETTINGS } from "@/generated/defaults";
import { MAIN_QUEUE } from "./model";
import type { Random } from "./random";

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;
export const GB = 1_000_000_000;
export const MB = 1_000_000;

const KINDS: Record<FileKind, readonly string[]> = {
  video: ["mkv", "mp4", "webm", "mov"],
  audio: ["flac", "mp3", "opus", "ogg"],
  image: ["png", "jpg", "svg", "webp", "tif"],
  document: ["pdf", "epub", "docx", "txt"],
  archive: ["zip", "zst", "7z", "gz", "xz", "tar"],
  disk_image: ["iso", "img", "qcow2"],
  program: ["deb", "exe", "apk", "AppImage", "rpm"],
  other: [],
};

/** What kind of file a name says it is. */
export function kindOf(name: string): FileKind {
  const extension = name.split(".").pop()?.toLowerCase() ?? "";
  const found = Object.entries(KINDS).find(([, extensions]) =>
    extensions.some((known) => known.toLowerCase() === extension),
  );
  return (found?.[0] as FileKind | undefined) ?? "other";
}

export const CATEGORIES: Category[] = [
  { id: 1, name: "Video", file_kinds: ["video"], extensions: [], folder: null },
  { id: 2, name: "Music", file_kinds: ["audio"], extensions: [], folder: null },
  { id: 3, name: "Images", file_kinds: ["image"], extensions: [], folder: null },
  { id: 4, name: "Documents", file_kinds: ["document"], extensions: [], folder: null },
  { id: 5, name: "Archives", file_kinds: ["archive"], extensions: [], folder: null },
  { id: 6, name: "Disk images", file_kinds: ["disk_image"], extensions: [], folder: null },
  { id: 7, name: "Programs", file_kinds: ["program"], extensions: [], folder: null },
];

export const QUEUES: Queue[] = [
  {
    id: MAIN_QUEUE,
    name: "Main",
    running: true,
    at_once: 5,
    limit_bytes_per_s: null,
    schedule: null,
    retries: 10,
    when_done: "nothing",
  },
  {
    id: 2,
    name: "Tonight",
    running: true,
    at_once: 2,
    limit_bytes_per_s: null,
    schedule: { from_minute: 60, to_minute: 420, days: [true, true, true, true, true, true, true] },
    retries: 20,
    when_done: "notify",
  },
];

export const SETTINGS: Settings = {
  ...DEFAULT_SETTINGS,
  network: { ...DEFAULT_SETTINGS.network, limit_bytes_per_s: 20 * MB },
};

export const ROOT = "/srv/downloads";

export function categoryOf(kind: FileKind, categories: readonly Category[]): number | null {
  return categories.find((category) => category.file_kinds.includes(kind))?.id ?? null;
}

/** A row with everything that a scenario does not care about filled in. */
export function makeRow(given: Pick<Row, "id" | "name" | "host" | "standing"> & Partial<Row>): Row {
  const file_kind = given.file_kind ?? kindOf(given.name);
  const category = categoryOf(file_kind, CATEGORIES);
  const folder = CATEGORIES.find(({ id }) => id === category)?.name;
  return {
    url: `https://${given.host}/${encodeURIComponent(given.name)}`,
    mirrors: 0,
    file_kind,
    category,
    queue: MAIN_QUEUE,
    position: given.id,
    priority: "normal",
    folder: folder ? `${ROOT}/${folder}` : ROOT,
    length: null,
    bytes: 0,
    cells: "",
    connections_limit: null,
    limit_bytes_per_s: null,
    added_at_ms: 0,
    finished_at_ms: null,
    active_ms: 0,
    verified: null,
    missing: false,
    ...given,
  };
}

const STEMS = [
  "fedora-workstation-44",
  "Kestrel Season 1 Episode",
  "field-recordings",
  "annual-report",
  "osm-extract-europe",
  "Tidewater (Remastered)",
  "debian-13.3.0-amd64-DVD",
  "lecture-notes-hydrology",
  "satellite-tiles",
  "photo-archive",
  "blender-5.1-linux-x64",
  "northern-lights-timelapse",
  "wikipedia-en-all",
  "gannet-colony-survey",
  "model-weights-shard",
] as const;
const HOSTS = [
  "releases.example.org",
  "cdn.example.com",
  "mirror-2.example.net",
  "archive.example.org",
  "media.example.net",
  "www.example.com",
  "models.example.ai",
] as const;
const ENDINGS = [
  "iso",
  "mkv",
  "zip",
  "pdf",
  "tar.zst",
  "flac",
  "jpg",
  "deb",
  "mp4",
  "7z",
  "epub",
  "safetensors",
] as const;

/** A name and a host as people have them by the thousand. */
export function inventFile(random: Random, number: number): { name: string; host: string; length: number } {
  const stem = random.pick(STEMS);
  const name = `${stem}-${String(number).padStart(4, "0")}.${random.pick(ENDINGS)}`;
  const length = Math.floor(10 ** random.between(4.2, 10.4));
  return { name, host: random.pick(HOSTS), length };
}

/** Digits that look like a digest. */
export function inventDigest(random: Random): string {
  return Array.from({ length: 64 }, () => random.whole(0, 15).toString(16)).join("");
}
