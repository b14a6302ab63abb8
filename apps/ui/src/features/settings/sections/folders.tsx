import { ChevronRight, Plus, Trash2 } from "lucide-react";
import { type ReactNode, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrders } from "@/commands/use-orders";
import { FolderPicker } from "@/components/folder-picker";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { Category, FileKind } from "@/generated";
import { DEFAULT_SETTINGS } from "@/generated/defaults";
import { useNames } from "@/i18n/use-names";
import { checkExtensions, checkLabel, readExtensions } from "@/lib/checks";
import { cx } from "@/lib/cx";
import { isSame } from "@/lib/share";
import { useEngine } from "@/stores/engine";
import { newCategory } from "../defaults";
import { Setting, ShownItems } from "../setting";
import { SwitchSetting } from "../switch-setting";
import { usePending } from "../use-pending";
import { useSaved } from "../use-saved";
import { ChosenFolders } from "./chosen-folders";

const KINDS: readonly FileKind[] = [
  "video",
  "audio",
  "image",
  "document",
  "archive",
  "disk_image",
  "program",
  "other",
];

/** Where files go. */
export function Folders() {
  const { t } = useTranslation(["settings", "fields"]);
  const { settings, change } = useSaved();
  const { general } = settings;
  const roots = useEngine((known) => known.roots);
  return (
    <>
      <Setting
        item="folder"
        onReset={general.folder === null ? null : () => change("general", { folder: null })}
      >
        {({ id }) => (
          <FolderPicker
            id={id}
            label={t("settings:item.folder.title")}
            value={general.folder ?? roots[0]?.path ?? null}
            onChange={(folder) => change("general", { folder })}
            className="w-72"
          />
        )}
      </Setting>
      <SwitchSetting
        item="foldersByCategory"
        on={general.folders_by_category}
        first={DEFAULT_SETTINGS.general.folders_by_category}
        onChange={(folders_by_category) => change("general", { folders_by_category })}
      />
      <Categories />
      <ChosenFolders />
    </>
  );
}

function Categories() {
  const { t } = useTranslation(["settings", "common"]);
  const shown = useContext(ShownItems);
  const names = useNames();
  const categories = useEngine((known) => known.categories);
  const order = useOrders();
  const [open, setOpen] = useState<number | null>(null);
  if (shown && !shown.has("categories")) return null;
  const add = async () => {
    const reply = await order({ action: "add_category", category: newCategory(t("settings:category.new")) });
    if (reply?.kind === "category") setOpen(reply.id);
  };
  return (
    <Setting item="categories" layout="beneath">
      {() => (
        <>
          <ul className="border-t border-hairline">
            {categories.map((category) => (
              <Foldable
                key={category.id}
                title={names.category(category)}
                note={category.file_kinds.map((kind) => t(`common:kind.${kind}`)).join(", ")}
                open={open === category.id}
                onToggle={() => setOpen((now) => (now === category.id ? null : category.id))}
              >
                <CategoryForm
                  category={category}
                  save={async (next) => (await order({ action: "change_category", category: next })) !== null}
                  onRemove={() => void order({ action: "remove_category", id: category.id })}
                />
              </Foldable>
            ))}
          </ul>
          <Button icon={<Plus />} onClick={() => void add()} className="mt-3">
            {t("settings:category.add")}
          </Button>
        </>
      )}
    </Setting>
  );
}

interface FoldableProps {
  title: string;
  note: string;
  open: boolean;
  onToggle(): void;
  children: ReactNode;
}

/** A line of a list that opens to be edited. */
export function Foldable({ title, note, open, onToggle, children }: FoldableProps) {
  return (
    <li className="border-b border-hairline">
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="flex h-9 w-full items-center gap-2 rounded-small text-left transition-colors duration-120 hover:bg-hover focus-visible:-outline-offset-2 max-sm:h-11"
      >
        <ChevronRight
          aria-hidden
          className={cx("size-4 shrink-0 text-faint transition-transform duration-150", open && "rotate-90")}
        />
        <span className="shrink-0 font-medium">{title}</span>
        <span className="min-w-0 flex-1 truncate pr-2 text-right text-small text-faint">{note}</span>
      </button>
      {open && (
        <div className="grid grid-cols-1 gap-x-4 gap-y-3 pt-1 pb-4 pl-6 sm:grid-cols-2">{children}</div>
      )}
    </li>
  );
}

interface CategoryFormProps {
  category: Category;
  /** Whether the engine took it. */
  save(category: Category): Promise<boolean>;
  onRemove(): void;
}

function CategoryForm({ category: known, save, onRemove }: CategoryFormProps) {
  const { t } = useTranslation(["settings", "check", "fields", "common"]);
  const [category, changeBy] = usePending(known, save, 0);
  const change = (part: Partial<Category>) => changeBy(() => part);
  const shownName = useNames().category(category);
  const [name, setName] = useState(shownName);
  const [extensions, setExtensions] = useState(category.extensions.join(", "));
  const nameComplaint = checkLabel(name);
  const extensionsComplaint = checkExtensions(extensions);
  const toggle = (kind: FileKind) =>
    changeBy(({ file_kinds }) => ({
      file_kinds: file_kinds.includes(kind)
        ? file_kinds.filter((other) => other !== kind)
        : [...file_kinds, kind],
    }));
  return (
    <>
      <Field label={t("settings:category.name")} error={nameComplaint ? t(`check:${nameComplaint}`) : null}>
        {(ties) => (
          <Input
            {...ties}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onBlur={() => !nameComplaint && name !== shownName && change({ name: name.trim() })}
          />
        )}
      </Field>
      <Field label={t("settings:category.folder")}>
        {({ id }) => (
          <FolderPicker
            id={id}
            label={t("settings:category.folder")}
            value={category.folder}
            defaultLabel={t("fields:folder.default")}
            onChange={(folder) => change({ folder })}
          />
        )}
      </Field>
      <fieldset className="sm:col-span-2">
        <legend className="mb-1 text-small text-muted">{t("settings:category.kinds")}</legend>
        <div className="flex flex-wrap gap-1.5">
          {KINDS.map((kind) => (
            <Chip key={kind} pressed={category.file_kinds.includes(kind)} onClick={() => toggle(kind)}>
              {t(`common:kind.${kind}`)}
            </Chip>
          ))}
        </div>
      </fieldset>
      <Field
        label={t("settings:category.extensions")}
        hint={t("settings:category.extensionsHint")}
        error={extensionsComplaint ? t(`check:${extensionsComplaint}`) : null}
        className="sm:col-span-2"
      >
        {(ties) => (
          <Input
            {...ties}
            value={extensions}
            onChange={(event) => setExtensions(event.target.value)}
            onBlur={() => {
              const read = readExtensions(extensions);
              if (!extensionsComplaint && !isSame(read, category.extensions)) change({ extensions: read });
            }}
          />
        )}
      </Field>
      <RemoveButton label={t("settings:category.remove")} onRemove={onRemove} />
    </>
  );
}

interface RemoveButtonProps {
  label: string;
  onRemove(): void;
}

/** What cannot be undone is asked about once more, in its place. */
export function RemoveButton({ label, onRemove }: RemoveButtonProps) {
  const { t } = useTranslation("settings");
  const [asked, setAsked] = useState(false);
  return (
    <Button
      look="warning"
      icon={<Trash2 />}
      // The second click of a double one is no answer.
      onClick={({ detail }) => (asked && detail < 2 ? onRemove() : setAsked(true))}
      onBlur={() => setAsked(false)}
      className="-ml-3 justify-self-start"
    >
      {asked ? t("queue.sure") : label}
    </Button>
  );
}

interface ChipProps {
  pressed: boolean;
  onClick(): void;
  children: ReactNode;
}

/** One of several that may be on. */
export function Chip({ pressed, onClick, children }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onClick}
      className={cx(
        "h-7 rounded-full border px-3 transition-colors duration-120 select-none max-sm:h-11",
        pressed
          ? "border-accent-ring bg-selected text-text"
          : "border-hairline text-muted hover:bg-hover hover:text-text",
      )}
    >
      {children}
    </button>
  );
}
