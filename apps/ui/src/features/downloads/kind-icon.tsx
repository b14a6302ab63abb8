import { AppWindow, Archive, Disc3, File, FileText, Film, Image, type LucideIcon, Music } from "lucide-react";
import type { FileKind } from "@/generated";

const ICONS: Record<FileKind, LucideIcon> = {
  video: Film,
  audio: Music,
  image: Image,
  document: FileText,
  archive: Archive,
  disk_image: Disc3,
  program: AppWindow,
  other: File,
};

/** What kind of file it is, at a glance; the name beside it says the same. */
export function KindIcon({ kind, className }: { kind: FileKind; className?: string }) {
  const Icon = ICONS[kind];
  return <Icon aria-hidden="true" className={className} strokeWidth={1.75} />;
}
