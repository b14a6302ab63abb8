import {
  ArrowUp,
  Check,
  ChevronsUpDown,
  Folder as FolderIcon,
  FolderPlus,
  FolderSearch,
  HardDrive,
} from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { FIELD, Input } from "@/components/ui/input";
import { Popover } from "@/components/ui/popover";
import { Spinner } from "@/components/ui/spinner";
import { showToast } from "@/components/ui/toast";
import type { FailureCode, Folder, Root } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { checkFileName } from "@/lib/checks";
import { cx } from "@/lib/cx";
import { placeOf } from "@/lib/paths";
import { useEngine } from "@/stores/engine";
import { useDesktop, useTransport } from "@/transport/context";

/** The room in a folder. */
export interface Room {
  freeBytes: number | null;
  /** Bytes that what is queued for that disk still needs. */
  neededBytes: number;
}

interface FolderPickerProps {
  /** The folder, absolute; none is the default one. */
  value: string | null;
  /** With the room there, where the picker saw it. */
  onChange(folder: string | null, room: Room | null): void;
  /** What stands there for none; without it none cannot be chosen. */
  defaultLabel?: string;
  /** Bytes free in the chosen folder, where they are known already. */
  freeBytes?: number | null;
  label?: string;
  id?: string;
  className?: string;
}

/** A folder beneath one of the roots. It walks down from them, and makes new ones. */
export function FolderPicker(props: FolderPickerProps) {
  const { value, onChange, defaultLabel, freeBytes = null, label, id, className } = props;
  const { t } = useTranslation("fields");
  const format = useFormat();
  const roots = useEngine((known) => known.roots);
  const [open, setOpen] = useState(false);
  const choose = (folder: string | null, room: Room | null = null) => {
    onChange(folder, room);
    setOpen(false);
  };
  return (
    <Popover
      title={t("folder.choose")}
      open={open}
      onOpenChange={setOpen}
      className="w-96 p-0"
      trigger={
        <button
          type="button"
          {...(id === undefined ? {} : { id })}
          {...(label === undefined ? {} : { "aria-label": `${label}: ${value ?? defaultLabel ?? ""}` })}
          title={value ?? undefined}
          className={cx(FIELD, "flex items-center gap-2 pr-2 text-left", className)}
        >
          <FolderIcon aria-hidden className="size-4 shrink-0 text-faint" />
          <span className="min-w-0 flex-1 truncate">
            {value === null ? (defaultLabel ?? t("folder.choose")) : <PathText path={value} roots={roots} />}
          </span>
          {freeBytes !== null && (
            <span className="tabular shrink-0 text-small text-faint">
              {t("folder.free", { size: format.bytes(freeBytes) })}
            </span>
          )}
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-faint" />
        </button>
      }
    >
      {open && (
        <Browser
          start={value}
          roots={roots}
          onChoose={choose}
          {...(defaultLabel === undefined ? {} : { defaultLabel })}
        />
      )}
    </Popover>
  );
}

function PathText({ path, roots }: { path: string; roots: readonly Root[] }) {
  const { root, steps } = placeOf(
    path,
    roots.map((known) => known.path),
  );
  const names = [root, ...steps];
  return (
    <bdi>
      <span className="text-muted">{names.slice(0, -1).map((name) => `${name} / `)}</span>
      {names.at(-1)}
    </bdi>
  );
}

type Listing =
  | { kind: "loading" }
  | { kind: "here"; folders: readonly Folder[]; room: Room }
  | { kind: "failed"; code: FailureCode };

interface BrowserProps {
  start: string | null;
  roots: readonly Root[];
  defaultLabel?: string;
  onChoose(folder: string | null, room?: Room | null): void;
}

function Browser({ start, roots, defaultLabel, onChoose }: BrowserProps) {
  const { t } = useTranslation(["fields", "common"]);
  const format = useFormat();
  const transport = useTransport();
  // None is the list of roots; with one root alone there is nothing to see there.
  const [folder, setFolder] = useState<string | null>(
    start ?? (roots.length === 1 ? (roots[0]?.path ?? null) : null),
  );
  const [listing, setListing] = useState<Listing>({ kind: "loading" });
  const [making, setMaking] = useState(false);

  const load = useCallback(
    async (path: string, isWanted: () => boolean) => {
      const reply = await transport.execute({ action: "list_folders", folder: path });
      if (!isWanted()) return;
      if (reply.kind === "folders") {
        const room = { freeBytes: reply.free_bytes, neededBytes: reply.needed_bytes };
        setListing({ kind: "here", folders: reply.folders, room });
      } else setListing({ kind: "failed", code: reply.kind === "failed" ? reply.failure.code : "internal" });
    },
    [transport],
  );

  useEffect(() => {
    if (folder === null) return;
    let wanted = true;
    void load(folder, () => wanted);
    return () => {
      wanted = false;
    };
  }, [folder, load]);

  const enter = (path: string | null) => {
    setListing({ kind: "loading" });
    setMaking(false);
    setFolder(path);
  };

  if (folder === null) {
    return (
      <ul className="p-1">
        <OtherFolder start={start} onChoose={onChoose} />
        {defaultLabel !== undefined && (
          <Line icon={<FolderIcon />} name={defaultLabel} onClick={() => onChoose(null)} />
        )}
        {roots.map((root) => (
          <Line
            key={root.path}
            icon={<HardDrive />}
            name={root.path}
            note={
              root.free_bytes === null
                ? t("fields:folder.gone")
                : t("fields:folder.free", { size: format.bytes(root.free_bytes) })
            }
            disabled={root.free_bytes === null}
            onClick={() => enter(root.path)}
          />
        ))}
      </ul>
    );
  }

  const { steps, parent } = placeOf(
    folder,
    roots.map((root) => root.path),
  );
  const above = parent ?? (roots.length > 1 || defaultLabel !== undefined ? null : undefined);
  return (
    <div>
      <div className="flex items-center gap-1 border-b border-hairline p-1.5">
        <IconButton
          label={t("fields:folder.up")}
          disabled={above === undefined}
          onClick={() => enter(above ?? null)}
        >
          <ArrowUp />
        </IconButton>
        <span className="min-w-0 flex-1 truncate font-medium" title={folder}>
          <PathText path={folder} roots={roots} />
        </span>
        <IconButton label={t("fields:folder.make")} onClick={() => setMaking(true)}>
          <FolderPlus />
        </IconButton>
      </div>
      {making && (
        <NewFolder parent={folder} onMade={(path) => enter(path)} onCancel={() => setMaking(false)} />
      )}
      <ul key={folder} aria-label={steps.at(-1) ?? folder} className="h-52 overflow-y-auto p-1">
        {listing.kind === "loading" && (
          <li className="flex h-full items-center justify-center">
            <Spinner label={t("common:loading")} />
          </li>
        )}
        {listing.kind === "failed" && (
          <li className="p-3 text-coral-text" role="alert">
            {t(`common:failure.${listing.code}`)}
          </li>
        )}
        {listing.kind === "here" && listing.folders.length === 0 && (
          <li className="p-3 text-faint">{t("fields:folder.empty")}</li>
        )}
        {listing.kind === "here" &&
          listing.folders.map((inner) => (
            <Line
              key={inner.path}
              icon={<FolderIcon />}
              name={inner.name}
              onClick={() => enter(inner.path)}
            />
          ))}
      </ul>
      <ul className="border-t border-hairline p-1 empty:hidden">
        <OtherFolder start={folder} onChoose={onChoose} />
      </ul>
      <div className="flex items-center gap-2 border-t border-hairline p-2 pl-3">
        <span className="tabular min-w-0 flex-1 truncate text-small text-faint">
          {listing.kind === "here" &&
            listing.room.freeBytes !== null &&
            t("fields:folder.free", { size: format.bytes(listing.room.freeBytes) })}
        </span>
        <Button
          look="primary"
          icon={<Check />}
          disabled={listing.kind !== "here"}
          onClick={() => onChoose(folder, listing.kind === "here" ? listing.room : null)}
        >
          {t("fields:folder.use")}
        </Button>
      </div>
    </div>
  );
}

/** The system's own dialog leads everywhere; there is none in a browser. */
function OtherFolder({ start, onChoose }: { start: string | null; onChoose(folder: string): void }) {
  const { t } = useTranslation(["fields", "common"]);
  const desktop = useDesktop();
  if (!desktop) return null;
  const choose = async () => {
    const choice = await desktop.chooseFolder(start);
    if (choice.kind === "chosen") onChoose(choice.chosen);
    else if (choice.kind === "refused")
      showToast({ subject: "command", tone: "failure", words: t(`common:failure.${choice.code}`) });
  };
  return <Line icon={<FolderSearch />} name={t("fields:folder.other")} onClick={() => void choose()} />;
}

interface LineProps {
  icon: React.ReactNode;
  name: string;
  note?: string;
  disabled?: boolean;
  onClick(): void;
}

function Line({ icon, name, note, disabled = false, onClick }: LineProps) {
  return (
    <li>
      <button
        type="button"
        disabled={disabled}
        onClick={onClick}
        className="flex h-8 w-full items-center gap-2.5 rounded-small px-2.5 text-left transition-colors duration-120 hover:bg-hover focus-visible:-outline-offset-2 disabled:opacity-45 max-sm:h-11 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint"
      >
        {icon}
        <bdi className="min-w-0 flex-1 truncate">{name}</bdi>
        {note !== undefined && <span className="tabular shrink-0 text-small text-faint">{note}</span>}
      </button>
    </li>
  );
}

interface NewFolderProps {
  parent: string;
  onMade(path: string): void;
  onCancel(): void;
}

function NewFolder({ parent, onMade, onCancel }: NewFolderProps) {
  const { t } = useTranslation(["fields", "check", "common"]);
  const transport = useTransport();
  const [name, setName] = useState("");
  const [failed, setFailed] = useState<FailureCode | null>(null);
  const complaint = name === "" ? null : checkFileName(name);
  const make = async () => {
    if (checkFileName(name)) return;
    const path = `${parent.replace(/[/\\]$/, "")}${parent.includes("\\") ? "\\" : "/"}${name}`;
    const reply = await transport.execute({ action: "make_folder", folder: path });
    if (reply.kind === "failed") setFailed(reply.failure.code);
    else onMade(path);
  };
  const wrong = complaint ? t(`check:${complaint}`) : failed ? t(`common:failure.${failed}`) : null;
  return (
    <form
      className="border-b border-hairline p-2"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void make();
      }}
    >
      <div className="flex gap-1.5">
        <Input
          autoFocus
          aria-label={t("fields:folder.makeName")}
          placeholder={t("fields:folder.makeName")}
          value={name}
          aria-invalid={wrong !== null}
          onChange={(event) => {
            setName(event.target.value);
            setFailed(null);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.stopPropagation();
            onCancel();
          }}
        />
        <Button type="submit">{t("fields:folder.create")}</Button>
      </div>
      {wrong && <p className="mt-1 text-small text-coral-text">{wrong}</p>}
    </form>
  );
}
