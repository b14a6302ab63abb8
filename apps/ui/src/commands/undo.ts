import { changeWords, closeToast, offerOf, showToast, UNDO_MS } from "@/components/ui/toast";
import type { DownloadId, FileChoice } from "@/generated";

/** The server counts from when it took them off the list: its word of that, and the order to bring them back, take a while. */
export const OFFERED_MS = UNDO_MS - 500;

const SUBJECT = "removed";

/** What was removed at once, and until when it comes back, by the page's own clock: the server's may be another. */
interface Removal {
  ids: readonly DownloadId[];
  files: FileChoice;
  /** The first one's. */
  name: string;
  until_ms: number;
}

/** What the offer is said with, and what it does. */
interface Saying {
  words(files: FileChoice, count: number, name: string): string;
  label: string;
  bringBack(ids: DownloadId[]): void;
}

let removals: readonly Removal[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Offers to take back what was removed just now, together with what was before as long as that is offered still. Each has
 * its own time: once that is over, it is in the offer no more.
 */
export function offerUndo(removed: Omit<Removal, "until_ms">, saying: Saying): void {
  const now_ms = performance.now();
  const before = offerOf(SUBJECT) ? withinTime(removals, now_ms) : [];
  removals = [...before, { ...removed, until_ms: now_ms + OFFERED_MS }];
  showToast({
    subject: SUBJECT,
    words: wordsOf(removals, saying),
    action: {
      label: saying.label,
      run: () => saying.bringBack(withinTime(removals, performance.now()).flatMap(({ ids }) => [...ids])),
    },
  });
  followTime(saying);
}

/** Says each time that something is in the offer no more, and takes the offer away with the last of it, held or not. */
function followTime(saying: Saying): void {
  clearTimeout(timer);
  const [next] = removals;
  if (!next) return;
  timer = setTimeout(() => {
    removals = withinTime(removals, performance.now());
    if (removals.length === 0) closeToast(SUBJECT);
    else changeWords(SUBJECT, wordsOf(removals, saying));
    followTime(saying);
  }, next.until_ms - performance.now());
}

function wordsOf(shown: readonly Removal[], saying: Saying): string {
  // What was only taken from the list is no deleted file.
  const files = shown.some((one) => one.files === "keep") ? "keep" : "delete";
  const count = shown.reduce((sum, { ids }) => sum + ids.length, 0);
  return saying.words(files, count, shown.at(-1)?.name ?? "");
}

function withinTime(all: readonly Removal[], now_ms: number): readonly Removal[] {
  return all.filter(({ until_ms }) => now_ms < until_ms);
}
