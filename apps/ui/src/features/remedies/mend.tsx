import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import type { Command, DownloadId } from "@/generated";
import { checkUrl } from "@/lib/checks";
import { useRow } from "@/stores/engine";
import { FormDialog } from "./form-dialog";

interface AboutOne {
  id: DownloadId;
  onClose(): void;
}

/** The remedy of an expired link. */
export function NewLinkDialog({ id, onClose }: AboutOne) {
  return (
    <LinkDialog
      id={id}
      onClose={onClose}
      texts="newLink"
      commands={(url) => [
        { action: "replace_url", id, url },
        { action: "resume", ids: [id] },
      ]}
    />
  );
}

/** Another address of the same file, beside the one it has. */
export function MirrorDialog({ id, onClose }: AboutOne) {
  return (
    <LinkDialog
      id={id}
      onClose={onClose}
      texts="mirror"
      commands={(url) => [{ action: "add_mirror", id, url }]}
    />
  );
}

interface LinkDialogProps extends AboutOne {
  texts: "newLink" | "mirror";
  commands(url: string): Command[];
}

function LinkDialog({ id, onClose, texts, commands }: LinkDialogProps) {
  const { t } = useTranslation(["remedies", "check"]);
  const row = useRow(id);
  const [url, setUrl] = useState("");
  const complaint = url === "" ? null : checkUrl(url);
  return (
    <FormDialog
      title={t(`remedies:${texts}.title`)}
      description={t(`remedies:${texts}.why`)}
      go={t(`remedies:${texts}.go`)}
      ready={url !== "" && !complaint}
      commands={() => commands(url)}
      onClose={onClose}
    >
      {row && <bdi className="truncate font-medium">{row.name}</bdi>}
      <Field
        label={t(`remedies:${texts}.link`)}
        hint={t(`remedies:${texts}.safe`)}
        error={complaint ? t(`check:${complaint}`) : null}
      >
        {(ties) => (
          <Textarea
            {...ties}
            rows={2}
            value={url}
            onChange={(event) => setUrl(event.target.value.replace(/\s+/g, ""))}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }}
            className="wrap-anywhere"
          />
        )}
      </Field>
    </FormDialog>
  );
}

/** The remedy of a server that asks who one is. */
export function CredentialsDialog({ id, onClose }: AboutOne) {
  const { t } = useTranslation("remedies");
  const row = useRow(id);
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  return (
    <FormDialog
      title={t("credentials.title")}
      description={t("credentials.why", { host: row?.host ?? "" })}
      go={t("credentials.go")}
      ready={user !== ""}
      commands={() => [
        {
          action: "set_options",
          id,
          options: { credentials: { kind: "basic", user, password } },
        },
        { action: "resume", ids: [id] },
      ]}
      onClose={onClose}
    >
      <Field label={t("credentials.user")}>
        {(ties) => (
          <Input
            {...ties}
            autoComplete="username"
            value={user}
            onChange={(event) => setUser(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("credentials.password")}>
        {(ties) => (
          <Input
            {...ties}
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
