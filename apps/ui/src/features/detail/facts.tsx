import { ShieldAlert, ShieldCheck } from "lucide-react";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Detail, Moving, Row, Verified } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { wholePercents } from "@/lib/format";

interface Properties {
  row: Row;
  detail: Detail;
  moving: Moving | undefined;
}

/** What is known of a download beside its bytes. */
export function Facts({ row, detail, moving }: Properties) {
  const length = moving?.length ?? row.length;
  return (
    <FactList
      row={row}
      resumable={detail.resumable}
      validator={detail.validator}
      requests={detail.requests}
      retries={detail.retries}
      connections_peak={detail.connections_peak}
      bytes_discarded={detail.bytes_discarded}
      header_names={detail.header_names}
      digests={detail.digests}
      percentHashed={length ? wholePercents(detail.bytes_hashed / length) : 0}
    />
  );
}

type Known = Pick<
  Detail,
  | "resumable"
  | "validator"
  | "requests"
  | "retries"
  | "connections_peak"
  | "bytes_discarded"
  | "header_names"
  | "digests"
> & { row: Row; percentHashed: number };

// A snapshot changes little of it, and dates and lists are dear to write.
const FactList = memo(function FactList(known: Known) {
  const { row } = known;
  const { t } = useTranslation("detail");
  const format = useFormat();
  const resumable = known.resumable === null ? "unknown" : known.resumable ? "yes" : "no";
  return (
    <dl className="facts">
      <Fact name={t("fact.integrity")}>
        <IntegrityWords row={row} digests={known.digests} percentHashed={known.percentHashed} />
      </Fact>
      {known.validator !== null && (
        <Fact name={t("fact.version")}>
          {t(`validator.${known.validator}`)}
          <More>{t(`validatorHint.${known.validator}`)}</More>
        </Fact>
      )}
      {row.standing.kind !== "finished" && (
        <Fact name={t("fact.resumable")}>{t(`resumable.${resumable}`)}</Fact>
      )}
      <Fact name={t("fact.folder")}>
        <bdi className="break-words">{row.folder}</bdi>
      </Fact>
      <Fact name={t("fact.address")}>
        <bdi className="wrap-anywhere">{row.url}</bdi>
      </Fact>
      {known.requests > 0 && (
        <Fact name={t("fact.requests")}>
          {t("requests", { count: known.requests, retries: format.number(known.retries) })}
        </Fact>
      )}
      {known.connections_peak > 0 && (
        <Fact name={t("fact.peak")}>{format.number(known.connections_peak)}</Fact>
      )}
      {known.bytes_discarded > 0 && (
        <Fact name={t("fact.discarded")}>{format.bytes(known.bytes_discarded)}</Fact>
      )}
      {known.header_names.length > 0 && (
        <Fact name={t("fact.headers")}>{format.list(known.header_names)}</Fact>
      )}
      <Fact name={t("fact.added")}>{format.moment(row.added_at_ms)}</Fact>
      {row.finished_at_ms !== null && (
        <Fact name={t("fact.finished")}>{format.moment(row.finished_at_ms)}</Fact>
      )}
      {row.active_ms > 0 && <Fact name={t("fact.took")}>{format.duration(row.active_ms)}</Fact>}
    </dl>
  );
});

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="tabular">{children}</dd>
    </div>
  );
}

/** What explains the words above it, or proves them. */
function More({ children }: { children: ReactNode }) {
  return <span className="block text-small wrap-anywhere text-faint">{children}</span>;
}

function IntegrityWords({ row, digests, percentHashed }: Pick<Known, "row" | "digests" | "percentHashed">) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const verified = row.verified;
  if (verified?.kind === "by")
    return (
      <>
        <span className="text-kelp-text">
          <ShieldCheck aria-hidden="true" className="mr-1.5 inline size-3.5 align-[-2px]" />
          {t(verified.given ? "integrity.verifiedGiven" : "integrity.verifiedFound", {
            algorithm: algorithmName(verified.algorithm),
          })}
        </span>
        <More>{verified.digest}</More>
      </>
    );
  if (verified)
    return (
      <span className="text-muted">
        <ShieldAlert aria-hidden="true" className="mr-1.5 inline size-3.5 align-[-2px]" />
        {t("integrity.unverified")}
      </span>
    );
  const digest = digests.find((one): one is Extract<Verified, { kind: "by" }> => one.kind === "by");
  if (!digest) return <span className="text-muted">{t("integrity.unknown")}</span>;
  return (
    <>
      {t(digest.given ? "integrity.hashingGiven" : "integrity.hashingFound", {
        algorithm: algorithmName(digest.algorithm),
        share: format.percent(percentHashed / 100),
      })}
      <More>{digest.digest}</More>
    </>
  );
}

/** `sha256` as people write it. */
export function algorithmName(algorithm: string): string {
  const sha2 = /^sha-?(224|256|384|512)$/i.exec(algorithm);
  return sha2 ? `SHA-${sha2[1]}` : algorithm.toUpperCase();
}
