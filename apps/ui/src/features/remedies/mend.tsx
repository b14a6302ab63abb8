import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import type { DownloadId } from "@/generated";
import { checkUrl } from "@/lib/checks";
import { FormDialog, useRow } from "./form-dialog";

interface AboutOne {
  id: DownloadId;
  onClose(): void;
}

/** The remedy of an expired link. */
export function NewLinkDialog({ id, onClose }: AboutOne) {
  const { t } = useTranslation(["remedies", "check"]);
  const row = useRow(id);
  const [url, setUrl] = useState("");
  const complaint = url.trim() === "" ? null : checkUrl(url);
  return (
    <FormDialog
      title={t("remedies:newLink.title")}
      description={t("remedies:newLink.why")}
      go={t("remedies:newLink.go")}
      ready={url.trim() !== "" && !complaint}
      commands={() => [
        { action: "replace_url", id, url: url.trim() },
        { action: "resume", ids: [id] },
      ]}
      onClose={onClose}
    >
      {row && <bdi className="truncate font-medium">{row.name}</bdi>}
      <Field
        label={t("remedies:newLink.link")}
        hint={t("remedies:newLink.safe")}
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
            className="break-all"
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
