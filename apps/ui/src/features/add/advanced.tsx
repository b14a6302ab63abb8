import { useTranslation } from "react-i18next";
import { RateField } from "@/components/rate-field";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { NumberField } from "@/components/ui/number-field";
import { SegmentedControl } from "@/components/ui/segmented";
import { Select } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import { useNames } from "@/i18n/use-names";
import { useEngine } from "@/stores/engine";
import type { Complaints, Draft } from "./draft";

interface AdvancedProps {
  draft: Draft;
  complaints: Complaints;
  onChange(part: Partial<Draft>): void;
  /** How many connections the settings say. */
  usualConnections: number;
  /** What belongs to one file alone is not asked for many. */
  many: "one" | "many";
}

/** What is seldom needed, and needed badly then. */
export function Advanced({ draft, complaints, onChange, usualConnections, many }: AdvancedProps) {
  const { t } = useTranslation(["add", "check"]);
  const names = useNames();
  const queues = useEngine((known) => known.queues);
  const categories = useEngine((known) => known.categories);
  const wrong = (field: keyof Draft) => (complaints[field] ? t(`check:${complaints[field]}`) : null);
  return (
    <div className="grid grid-cols-1 gap-x-4 gap-y-3 pt-3 sm:grid-cols-2">
      <Heading>{t("add:option.place")}</Heading>
      <Field label={t("add:option.queue")}>
        {({ id }) => (
          <Select
            id={id}
            value={draft.queue ?? queues[0]?.id ?? null}
            onChange={(queue) => onChange({ queue: queue === queues[0]?.id ? null : queue })}
            choices={queues.map((queue) => ({ value: queue.id, label: names.queue(queue) }))}
          />
        )}
      </Field>
      <Field label={t("add:option.category")}>
        {({ id }) => (
          <Select
            id={id}
            value={draft.category}
            onChange={(category) => onChange({ category })}
            choices={[
              { value: null, label: t("add:option.categoryAuto") },
              ...categories.map((category) => ({ value: category.id, label: names.category(category) })),
            ]}
          />
        )}
      </Field>
      <Field label={t("add:option.startAt")} hint={t("add:option.startAtHint")} error={wrong("startAt")}>
        {(ties) => (
          <Input
            {...ties}
            type="datetime-local"
            value={draft.startAt}
            onChange={(event) => onChange({ startAt: event.target.value })}
          />
        )}
      </Field>

      <Heading>{t("add:option.transfer")}</Heading>
      <Field
        label={t("add:option.connections")}
        hint={t("add:option.connectionsHint", { count: usualConnections })}
      >
        {({ id }) => (
          <NumberField
            id={id}
            least={1}
            most={64}
            value={draft.connections}
            placeholder={String(usualConnections)}
            onChange={(connections) => onChange({ connections })}
          />
        )}
      </Field>
      <Field label={t("add:option.limit")} hint={t("add:option.limitHint")}>
        {({ id }) => (
          <RateField
            id={id}
            value={draft.limit_bytes_per_s}
            onChange={(limit_bytes_per_s) => onChange({ limit_bytes_per_s })}
          />
        )}
      </Field>
      {many === "one" && (
        <>
          <Field
            label={t("add:option.checksum")}
            hint={t("add:option.checksumHint")}
            error={wrong("checksums")}
            className="sm:col-span-2"
          >
            {(ties) => (
              <Input
                {...ties}
                value={draft.checksums}
                onChange={(event) => onChange({ checksums: event.target.value })}
              />
            )}
          </Field>
          <Field
            label={t("add:option.mirrors")}
            hint={t("add:option.mirrorsHint")}
            error={wrong("mirrors")}
            className="sm:col-span-2"
          >
            {(ties) => (
              <Textarea
                {...ties}
                value={draft.mirrors}
                onChange={(event) => onChange({ mirrors: event.target.value })}
              />
            )}
          </Field>
        </>
      )}

      <Heading>{t("add:option.request")}</Heading>
      <Field label={t("add:option.referer")} hint={t("add:option.refererHint")} error={wrong("referer")}>
        {(ties) => (
          <Input
            {...ties}
            inputMode="url"
            value={draft.referer}
            onChange={(event) => onChange({ referer: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("add:option.proxy")} hint={t("add:option.proxyHint")} error={wrong("proxy")}>
        {(ties) => (
          <Input
            {...ties}
            value={draft.proxy}
            onChange={(event) => onChange({ proxy: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={t("add:option.headers")}
        hint={t("add:option.headersHint")}
        error={wrong("headers")}
        className="sm:col-span-2"
      >
        {(ties) => (
          <Textarea
            {...ties}
            value={draft.headers}
            onChange={(event) => onChange({ headers: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={t("add:option.cookies")}
        hint={t("add:option.cookiesHint")}
        error={wrong("cookies")}
        className="sm:col-span-2"
      >
        {(ties) => (
          <Input
            {...ties}
            value={draft.cookies}
            onChange={(event) => onChange({ cookies: event.target.value })}
          />
        )}
      </Field>
      <div className="flex flex-col gap-1 sm:col-span-2">
        <span className="text-small text-muted">{t("add:option.login")}</span>
        <SegmentedControl
          label={t("add:option.login")}
          value={draft.login}
          onChange={(login) => onChange({ login })}
          choices={[
            { value: "none", label: t("add:option.loginNone") },
            { value: "basic", label: t("add:option.loginBasic") },
            { value: "bearer", label: t("add:option.loginBearer") },
          ]}
          className="self-start"
        />
      </div>
      {draft.login === "basic" && (
        <>
          <Secret
            label={t("add:option.user")}
            value={draft.user}
            onChange={(user) => onChange({ user })}
            sight="shown"
          />
          <Secret
            label={t("add:option.password")}
            value={draft.password}
            onChange={(password) => onChange({ password })}
            sight="hidden"
          />
        </>
      )}
      {draft.login === "bearer" && (
        <Secret
          label={t("add:option.token")}
          value={draft.token}
          onChange={(token) => onChange({ token })}
          sight="hidden"
        />
      )}
    </div>
  );
}

function Heading({ children }: { children: string }) {
  return <h3 className="border-t border-hairline pt-3 font-semibold sm:col-span-2">{children}</h3>;
}

interface SecretProps {
  label: string;
  value: string;
  onChange(value: string): void;
  sight: "shown" | "hidden";
}

function Secret({ label, value, onChange, sight }: SecretProps) {
  return (
    <Field label={label}>
      {(ties) => (
        <Input
          {...ties}
          type={sight === "hidden" ? "password" : "text"}
          autoComplete="new-password"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
