import { Check, CircleAlert, Info, Save, ShieldCheck, TriangleAlert } from "lucide-react";
import { type FocusEventHandler, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { FolderPicker, type Room } from "@/components/folder-picker";
import { KindTile } from "@/components/kind-tile";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { showToast } from "@/components/ui/toast";
import { Tooltip } from "@/components/ui/tooltip";
import type { Duplicate } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { cx } from "@/lib/cx";
import { useDesktop } from "@/transport/context";
import type { Target } from "@/transport/types";
import { type Complaints, type Draft, mayReplace } from "./draft";
import type { Lookup } from "./use-lookup";

interface FoundProps {
  lookup: Exclude<Lookup, { kind: "many" }>;
  draft: Draft;
  complaints: Complaints;
  duplicates: readonly Duplicate[];
  onChange(part: Partial<Draft>): void;
  onLookAgain(): void;
  /** The fields that say who asks were left. */
  onAskedOtherwise: FocusEventHandler;
  onShow(duplicate: Duplicate): void;
}

/** What one link leads to. Its place is kept while the answer is on its way. */
export function Found(props: FoundProps) {
  const { lookup, draft, complaints, duplicates, onChange, onLookAgain, onAskedOtherwise, onShow } = props;
  const { t } = useTranslation(["add", "common", "check"]);
  if (lookup.kind === "empty" || lookup.kind === "refused") {
    return <p className="py-6 text-center text-faint">{t("add:empty")}</p>;
  }
  const probed = lookup.kind === "found" ? lookup.probed : null;
  const link = lookup.kind === "looking" ? null : lookup.link;
  const name = draft.name ?? link?.given_name ?? probed?.name ?? link?.name ?? "";
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-start gap-3">
        <KindTile
          name={name}
          kind={probed?.file_kind ?? link?.file_kind ?? "other"}
          className="mt-0.5 size-10 text-[11px]"
        />
        <div className="min-w-0 flex-1">
          {lookup.kind === "looking" ? (
            <Waiting url={lookup.url} />
          ) : lookup.kind === "unasked" ? (
            <Unasked url={lookup.url} />
          ) : (
            <>
              <NameField
                name={name}
                complaint={complaints.name ? t(`check:${complaints.name}`) : null}
                onChange={(next) => onChange({ name: next })}
              />
              {lookup.kind === "found" ? <Facts probed={lookup.probed} /> : <HostOf url={lookup.url} />}
            </>
          )}
        </div>
      </div>

      {lookup.kind === "unreachable" && (
        <Note
          tone="failure"
          action={{ label: t("add:lookAgain"), run: onLookAgain }}
          title={lookup.failure.message}
        >
          {t(`common:failure.${lookup.failure.code}`)}
        </Note>
      )}
      {lookup.kind === "unreachable" &&
        (lookup.failure.code === "unauthorized" || draft.login === "basic") && (
          <Login draft={draft} onChange={onChange} onBlur={onAskedOtherwise} />
        )}
      {duplicates.map((duplicate) => (
        <Note
          key={duplicate.id}
          tone="question"
          action={{ label: t("add:show"), run: () => onShow(duplicate) }}
        >
          {t(duplicate.finished ? "add:duplicateFinished" : "add:duplicate", { name: duplicate.name })}
        </Note>
      ))}
      {probed?.name_taken && name === probed.name && draft.name === null && (
        <Note tone="news">{t("add:nameTaken")}</Note>
      )}
      {mayReplace(draft) && <Note tone="news">{t("add:replaces")}</Note>}

      <FolderLine
        draft={draft}
        onChange={onChange}
        suggested={probed?.folder ?? null}
        room={probed && { freeBytes: probed.free_bytes, neededBytes: probed.needed_bytes }}
        length={probed?.length ?? null}
        name={name}
      />
    </div>
  );
}

interface FolderLineProps {
  draft: Draft;
  onChange(part: Partial<Draft>): void;
  /** Where it would go by itself. */
  suggested: string | null;
  /** The room there. */
  room: Room | null;
  /** How much is to go there, where that is known. */
  length: number | null;
  /** What one file would be called; where there are many, none is asked for. */
  name?: string;
}

/** Where it goes, and whether it fits there. */
export function FolderLine({
  draft,
  onChange,
  suggested,
  room: suggestedRoom,
  length,
  name,
}: FolderLineProps) {
  const { t } = useTranslation(["add", "fields"]);
  const format = useFormat();
  const [chosen, setChosen] = useState<{ folder: string | null; room: Room | null } | null>(null);
  const chosenRoom = chosen?.folder === draft.folder ? chosen.room : null;
  const room = draft.folder === null ? suggestedRoom : chosenRoom;
  const fit = fitOf(length, room);
  return (
    <Field
      label={t("add:folder")}
      error={
        fit.kind === "tooBig"
          ? t("add:tooBig", { size: format.bytes(fit.length), free: format.bytes(fit.freeBytes) })
          : null
      }
      hint={
        fit.kind === "notBesideQueued" &&
        t("add:notBesideQueued", {
          free: format.bytes(fit.freeBytes),
          needed: format.bytes(fit.neededBytes),
        })
      }
    >
      {({ id }) => (
        <div className="flex gap-2">
          <FolderPicker
            id={id}
            label={t("add:folder")}
            value={draft.folder ?? suggested}
            onChange={(folder, room) => {
              setChosen({ folder, room });
              onChange({ folder });
            }}
            freeBytes={room?.freeBytes ?? null}
            className="min-w-0 flex-1"
            {...(suggested === null ? { defaultLabel: t("fields:folder.default") } : {})}
          />
          {name !== undefined && <SaveAs start={draft.folder ?? suggested} name={name} onChosen={onChange} />}
        </div>
      )}
    </Field>
  );
}

type Fit =
  | { kind: "fits" }
  | { kind: "tooBig"; length: number; freeBytes: number }
  /** It fits; but not beside what is queued for that disk. */
  | { kind: "notBesideQueued"; freeBytes: number; neededBytes: number };

function fitOf(length: number | null, room: Room | null): Fit {
  if (length === null || room === null || room.freeBytes === null) return { kind: "fits" };
  const { freeBytes, neededBytes } = room;
  if (length > freeBytes) return { kind: "tooBig", length, freeBytes };
  return length + neededBytes > freeBytes
    ? { kind: "notBesideQueued", freeBytes, neededBytes }
    : { kind: "fits" };
}

/** The system's own dialog for name and folder; nothing in a browser. */
function SaveAs({
  start,
  name,
  onChosen,
}: {
  start: string | null;
  name: string;
  onChosen(part: Pick<Draft, "folder" | "name" | "replaces">): void;
}) {
  const { t } = useTranslation(["add", "common"]);
  const desktop = useDesktop();
  if (!desktop) return null;
  const choose = async (form: HTMLFormElement | null) => {
    const choice = await desktop.saveAs(start, name);
    if (choice.kind === "chosen") {
      onChosen(draftOf(choice.chosen));
      // Where it goes was the last question: Enter starts it.
      form?.querySelector<HTMLElement>("[type=submit]")?.focus();
    } else if (choice.kind === "refused")
      showToast({ subject: "command", tone: "failure", words: t(`common:failure.${choice.code}`) });
  };
  return (
    <Button icon={<Save />} onClick={(event) => void choose(event.currentTarget.form)}>
      {t("add:saveAs")}
    </Button>
  );
}

function draftOf({ folder, name, replaces }: Target) {
  return { folder, name, replaces: replaces ? { folder, name } : null };
}

interface NameFieldProps {
  name: string;
  complaint: string | null;
  onChange(name: string): void;
}

function NameField({ name, complaint, onChange }: NameFieldProps) {
  const { t } = useTranslation("add");
  return (
    <>
      <Input
        aria-label={t("name")}
        aria-invalid={complaint !== null}
        dir="auto"
        value={name}
        onChange={(event) => onChange(event.target.value)}
        onFocus={(event) => {
          // The part before the extension is what one wants to change.
          const end = event.target.value.lastIndexOf(".");
          event.target.setSelectionRange(0, end > 0 ? end : event.target.value.length);
        }}
        className="-ml-2.5 border-transparent sm:h-7 bg-transparent text-large font-semibold hover:border-hairline hover:bg-field focus-visible:bg-field"
      />
      {complaint && <p className="text-small text-coral-text">{complaint}</p>}
    </>
  );
}

function Facts({ probed }: { probed: Extract<Lookup, { kind: "found" }>["probed"] }) {
  const { t } = useTranslation(["add", "common"]);
  const format = useFormat();
  return (
    <div className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
      <span className="tabular font-medium text-text">
        {probed.length === null ? t("add:sizeUnknown") : format.bytes(probed.length)}
      </span>
      <span>{t(`common:kind.${probed.file_kind}`)}</span>
      <span className="min-w-0 truncate">{probed.host}</span>
      {probed.resumable ? (
        <Fact icon={<Check />} hint={t("add:resumableHint")} tone="good">
          {t("add:resumable")}
        </Fact>
      ) : (
        <Fact icon={<CircleAlert />} hint={t("add:notResumableHint")} tone="plain">
          {t("add:notResumable")}
        </Fact>
      )}
      {probed.digest !== null && (
        <Fact
          icon={<ShieldCheck />}
          hint={t("add:digestFoundHint", { digest: shortDigest(probed.digest) })}
          tone="good"
        >
          {t("add:digestFound")}
        </Fact>
      )}
    </div>
  );
}

interface FactProps {
  icon: ReactNode;
  hint: string;
  tone: "good" | "plain";
  children: ReactNode;
}

function Fact({ icon, hint, tone, children }: FactProps) {
  return (
    <Tooltip label={hint}>
      <button
        type="button"
        className={cx(
          "relative inline-flex cursor-help items-center gap-1 rounded-small [&_svg]:size-3.5",
          "max-sm:before:absolute max-sm:before:inset-x-0 max-sm:before:-inset-y-3 max-sm:before:content-['']",
          tone === "good" && "text-kelp-text",
        )}
      >
        {icon}
        {children}
      </button>
    </Tooltip>
  );
}

function HostOf({ url }: { url: string }) {
  return <p className="mt-0.5 truncate text-muted">{new URL(url).host}</p>;
}

function Unasked({ url }: { url: string }) {
  const { t } = useTranslation("add");
  const { host } = new URL(url);
  return (
    <>
      <p className="truncate text-large font-semibold">{host}</p>
      <p className="mt-0.5 text-muted">{t("unasked", { host })}</p>
    </>
  );
}

function Waiting({ url }: { url: string | null }) {
  return (
    <div className="flex h-12 flex-col justify-center gap-2" aria-hidden>
      <span className="h-3.5 w-3/5 animate-pulse rounded-small bg-track" />
      {url === null ? (
        <span className="h-3 w-2/5 animate-pulse rounded-small bg-track" />
      ) : (
        <span className="truncate text-faint">{URL.canParse(url) ? new URL(url).host : ""}</span>
      )}
    </div>
  );
}

interface NoteProps {
  tone: "news" | "question" | "failure";
  action?: { label: string; run(): void };
  title?: string;
  children: ReactNode;
}

function Note({ tone, action, title, children }: NoteProps) {
  const Icon = tone === "failure" ? TriangleAlert : Info;
  return (
    <div
      role={tone === "failure" ? "alert" : "status"}
      title={title}
      className={cx(
        "flex min-h-9 items-center gap-2.5 rounded-small border border-hairline py-1 pr-1 pl-3",
        tone === "failure" ? "text-coral-text" : "text-text",
        tone === "question" && "bg-selected",
      )}
    >
      <Icon aria-hidden className={cx("size-4 shrink-0", tone === "question" && "text-accent-text")} />
      <span className="min-w-0 flex-1 break-words">{children}</span>
      {action && (
        <Button look="plain" onClick={action.run} className="text-text sm:h-7">
          {action.label}
        </Button>
      )}
    </div>
  );
}

interface LoginProps {
  draft: Draft;
  onChange(part: Partial<Draft>): void;
  onBlur: FocusEventHandler;
}

function Login({ draft, onChange, onBlur }: LoginProps) {
  const { t } = useTranslation("add");
  return (
    <fieldset onBlur={onBlur} className="grid grid-cols-2 gap-3">
      <legend className="sr-only">{t("needLogin")}</legend>
      <Field label={t("option.user")}>
        {(ties) => (
          <Input
            {...ties}
            value={draft.user}
            onChange={(event) => onChange({ login: "basic", user: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("option.password")}>
        {(ties) => (
          <Input
            {...ties}
            type="password"
            value={draft.password}
            onChange={(event) => onChange({ login: "basic", password: event.target.value })}
          />
        )}
      </Field>
    </fieldset>
  );
}

/** `sha-256:ab12…` with the digest's beginning only. */
function shortDigest(digest: string): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  return hex.length > 12 ? `${algorithm.toUpperCase()} ${hex.slice(0, 8)}…` : digest;
}
