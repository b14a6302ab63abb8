import type { Category, Queue, Settings } from "@/generated";

/** What a new store has: `Default` of the crate gannet-schema. */
export const DEFAULT_SETTINGS: Settings = {
  general: {
    folder: null,
    folders_by_category: true,
    start_when_added: true,
    confirmations: { duplicates: true, deletion: true },
    on_existing: "rename",
  },
  network: {
    connections: 32,
    connections_per_host: 64,
    downloads_at_once: 5,
    downloads_per_host: 5,
    limit_bytes_per_s: null,
    limit_on: false,
    weekly_limits: null,
    proxy: { kind: "system" },
    identity: { kind: "browser" },
    connect_timeout_s: 30,
    retry_for_s: 60,
    allow_downgrade: false,
  },
  integrity: { on_change: "ask" },
  appearance: { theme: "system", accent: "gold", density: "comfortable", language: "system" },
};

/** What a new queue begins as. */
export const newQueue = (name: string): Queue => ({
  id: 0,
  name,
  running: true,
  at_once: 3,
  limit_bytes_per_s: null,
  schedule: null,
  retries: 5,
  when_done: "nothing",
});

/** What a new category begins as. */
export const newCategory = (name: string): Category => ({
  id: 0,
  name,
  file_kinds: [],
  extensions: [],
  folder: null,
});
