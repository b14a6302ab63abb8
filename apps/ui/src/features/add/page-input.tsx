import { ArrowDownToLine } from "lucide-react";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { importList, isExportedList, MOST_LIST_BYTES } from "@/commands/transfer-list";
import { useCommandContext } from "@/commands/use-commands";
import { showToast } from "@/components/ui/toast";
import { askAbout } from "@/dialogs/from-outside";
import { onDropped } from "@/lib/dropped";

/** The engine reads no longer text for links. */
const MOST_BYTES = 16 * 1024 * 1024;

const LIST_FILE = /\.(txt|meta4|metalink|csv|list|urls?|json)$/i;
const EXPORTED_FILE = /\.json$/i;

/** Takes what is pasted or dropped anywhere on the page. Once on the page. */
export function PageInput() {
  const { t } = useTranslation("add");
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const context = useCommandContext();

  // Before the picture: whoever sees the page can paste into it.
  useLayoutEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (isEditable(event.target)) return;
      const text = event.clipboardData?.getData("text/plain").trim() ?? "";
      if (text === "") return;
      event.preventDefault();
      askAbout(text, "person");
    };
    const takes = (event: DragEvent) =>
      ["Files", "text/uri-list", "text/plain"].some((type) => event.dataTransfer?.types.includes(type));
    const hover = (event: DragEvent) => {
      if (takes(event) && !isEditable(event.target)) event.preventDefault();
    };
    const enter = (event: DragEvent) => {
      if (!takes(event)) return;
      // Else what is let go where it just came would be refused: there it did not hover yet.
      hover(event);
      depth.current += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!takes(event)) return;
      depth.current = Math.max(0, depth.current - 1);
      if (depth.current === 0) setOver(false);
    };
    const complain = (words: string) => showToast({ subject: "drop", words, tone: "failure" });
    const take = (text: string | null) => {
      if (text === null) complain(t("dropTooLarge"));
      else if (isExportedList(text)) void importList(context, text);
      else if (text.trim() === "") complain(t("dropNoList"));
      else askAbout(text.trim(), "person");
    };
    const drop = (event: DragEvent) => {
      depth.current = 0;
      setOver(false);
      if (!takes(event) || isEditable(event.target) || !event.dataTransfer) return;
      event.preventDefault();
      // What was dropped may be a folder, or gone, or not ours to read.
      readDrop(event.dataTransfer).then(take, () => complain(t("dropUnreadable")));
    };
    window.addEventListener("paste", paste);
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", hover);
    window.addEventListener("drop", drop);
    const noMore = onDropped(take);
    return () => {
      noMore();
      window.removeEventListener("paste", paste);
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", hover);
      window.removeEventListener("drop", drop);
    };
  }, [t, context]);

  if (!over) return null;
  return (
    <div className="pointer-events-none fixed inset-3 z-60 flex animate-[appear_120ms_ease-out] items-center justify-center rounded-large border-2 border-dashed border-accent-ring bg-surface/90">
      <div className="flex flex-col items-center gap-2 text-center">
        <ArrowDownToLine aria-hidden className="size-8 text-accent-text" />
        <p className="text-large font-semibold">{t("drop")}</p>
        <p className="text-muted">{t("dropHint")}</p>
      </div>
    </div>
  );
}

/** The text of what was dropped: the files' content, or the links, or the words. None where it is too much. */
export async function readDrop(data: Pick<DataTransfer, "files" | "getData">): Promise<string | null> {
  const files = [...data.files].filter((file) => LIST_FILE.test(file.name));
  const most_bytes = files.every(({ name }) => EXPORTED_FILE.test(name)) ? MOST_LIST_BYTES : MOST_BYTES;
  if (files.reduce((sum, file) => sum + file.size, 0) > most_bytes) return null;
  if (files.length > 0) return (await Promise.all(files.map((file) => file.text()))).join("\n");
  const links = data
    .getData("text/uri-list")
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#"));
  return links.length > 0 ? links.join("\n") : data.getData("text/plain");
}

function isEditable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, [contenteditable='true']") !== null;
}
