import type { Category, Queue } from "@/generated";

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
