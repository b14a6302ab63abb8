import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FolderPicker } from "@/components/folder-picker";
import { RateField } from "@/components/rate-field";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { DownloadId } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { checkFileName } from "@/lib/checks";
import { useRow } from "@/stores/engine";
import { FormDialog } from "./form-dialog";

const PRESETS = [500_000, 1_000_000, 5_000_000, 10_000_000];

interface AboutSome {
  ids: readonly DownloadId[];
  onClose(): void;
}

/** The remedy of a folder that is gone, full or forbidden; also "Move to…". */
export function FolderDialog({ ids, onClose }: AboutSome) {
  const { t } = useTranslation("remedies");
  const row = useRow(ids[0] ?? -1);
  const [folder, setFolder] = useState<string | null>(null);
  return (
    <FormDialog
      title={t("folder.title", { count: ids.length })}
      description={t("folder.why")}
      go={t("folder.go")}
      ready={folder !== null && folder !== row?.folder}
      commands={() => (folder === null ? [] : [{ action: "move_files", ids: [...ids], folder }])}
      underWay={{ words: t("folder.underWay"), done: t("folder.done") }}
      onClose={onClose}
    >
      <Field label={t("folder.folder")}>
        {({ id }) => (
          <FolderPicker
            id={id}
            label={t("folder.folder")}
            value={folder ?? row?.folder ?? null}
            onChange={setFolder}
          />
        )}
      </Field>
    </FormDialog>
  );
}

/** Another name for a file. */
export function RenameDialog({ id, onClose }: { id: DownloadId; onClose(): void }) {
  const { t } = useTranslation(["remedies", "check"]);
  const row = useRow(id);
  const [name, setName] = useState(row?.name ?? "");
  const complaint = checkFileName(name);
  return (
    <FormDialog
      title={t("remedies:rename.title")}
      go={t("remedies:rename.go")}
      ready={!complaint && name !== row?.name}
      commands={() => [{ action: "rename", id, name: name.trim() }]}
      onClose={onClose}
    >
      <Field label={t("remedies:rename.name")} error={complaint ? t(`check:${complaint}`) : null}>
        {(ties) => (
          <Input
            {...ties}
            dir="auto"
            value={name}
            onChange={(event) => setName(event.target.value)}
            onFocus={(event) => {
              const end = event.target.value.lastIndexOf(".");
              event.target.setSelectionRange(0, end > 0 ? end : event.target.value.length);
            }}
          />
        )}
      </Field>
    </FormDialog>
  );
}

/** The limit of some downloads. */
export function LimitDialog({ ids, onClose }: AboutSome) {
  const { t } = useTranslation("remedies");
  const format = useFormat();
  const row = useRow(ids[0] ?? -1);
  const [limit, setLimit] = useState<number | null>(row?.limit_bytes_per_s ?? null);
  return (
    <FormDialog
      title={t("limit.title", { count: ids.length })}
      go={limit === null ? t("limit.clear") : t("limit.go")}
      ready
      commands={() => [
        { action: "set_limit", scope: { kind: "downloads", ids: [...ids] }, limit_bytes_per_s: limit },
      ]}
      onClose={onClose}
    >
      <Field label={t("limit.limit")}>
        {({ id }) => <RateField id={id} value={limit} onChange={setLimit} />}
      </Field>
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="sr-only">{t("limit.presets")}</legend>
        {PRESETS.map((preset) => (
          <Button key={preset} onClick={() => setLimit(preset)} className="tabular font-normal sm:h-7">
            {format.speed(preset)}
          </Button>
        ))}
        <Button onClick={() => setLimit(null)} className="font-normal sm:h-7">
          {t("limit.clear")}
        </Button>
      </fieldset>
    </FormDialog>
  );
}
