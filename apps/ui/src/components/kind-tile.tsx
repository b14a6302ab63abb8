import type { FileKind } from "@/generated";
import { cx } from "@/lib/cx";

const LONGEST = 4;

const SIGNS: Record<FileKind, string> = {
  video: "VID",
  audio: "AUD",
  image: "IMG",
  document: "DOC",
  archive: "ZIP",
  disk_image: "ISO",
  program: "EXE",
  other: "BIN",
};

/** What sort of file it is, at a glance: its extension on a small tile. The words stand elsewhere. */
export function KindTile({ name, kind, className }: { name: string; kind: FileKind; className?: string }) {
  const sign = signOf(name, kind);
  return (
    <span
      aria-hidden
      className={cx(
        "kind-tile flex shrink-0 items-center justify-center rounded-small border border-hairline bg-field font-semibold text-muted select-none",
        sign.length === LONGEST ? "tracking-tighter" : "tracking-wide",
        className,
      )}
    >
      {sign}
    </span>
  );
}

function signOf(name: string, kind: FileKind): string {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1] ?? "";
  return extension !== "" && extension.length <= LONGEST ? extension.toUpperCase() : SIGNS[kind];
}
