import { ShieldAlert, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Detail, Moving, Row, Verified } from "@/generated";
import { useFormat } from "@/i18n/use-format";

/** What is known of a download beside its bytes. */
export function Facts({ row, detail, moving }: { row: Row; detail: Detail; moving: Moving | undefined }) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const resumable = detail.resumable === null ? "unknown" : detail.resumable ? "yes" : "no";
  return (
    <dl className="facts">
      <Fact name={t("fact.integrity")}>
        <IntegrityWords row={row} detail={detail} moving={moving} />
      </Fact>
      {row.standing.kind !== "finished" && (
        <Fact name={t("fact.resumable")}>{t(`resumable.${resumable}`)}</Fact>
      )}
      <Fact name={t("fact.folder")}>
        <bdi className="break-words">{row.folder}</bdi>
      </Fact>
      <Fact name={t("fact.address")}>
        <bdi className="break-all">{row.url}</bdi>
      </Fact>
      {detail.requests > 0 && (
        <Fact name={t("fact.requests")}>
          {t("requests", { count: detail.requests, retries: format.number(detail.retries) })}
        </Fact>
      )}
      {detail.connections_peak > 0 && (
        <Fact name={t("fact.peak")}>{format.number(detail.connections_peak)}</Fact>
      )}
      {detail.bytes_discarded > 0 && (
        <Fact name={t("fact.discarded")}>{format.bytes(detail.bytes_discarded)}</Fact>
      )}
      {detail.header_names.length > 0 && (
        <Fact name={t("fact.headers")}>{format.list(detail.header_names)}</Fact>
      )}
      <Fact name={t("fact.added")}>{format.moment(row.added_at_ms)}</Fact>
      {row.finished_at_ms !== null && (
        <Fact name={t("fact.finished")}>{format.moment(row.finished_at_ms)}</Fact>
      )}
      {row.active_ms > 0 && <Fact name={t("fact.took")}>{format.duration(row.active_ms)}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="tabular">{children}</dd>
    </div>
  );
}

function IntegrityWords({ row, detail, moving }: { row: Row; detail: Detail; moving: Moving | undefined }) {
  const { t } = useTranslation("detail");
  const format = useFormat();
  const verified = row.verified;
  if (verified?.kind === "by")
    return (
      <span className="text-kelp-text" title={verified.digest}>
        <ShieldCheck aria-hidden="true" className="mr-1.5 inline size-3.5 align-[-2px]" />
        {t(verified.given ? "integrity.verifiedGiven" : "integrity.verifiedFound", {
          algorithm: algorithmName(verified.algorithm),
        })}
      </span>
    );
  if (verified)
    return (
      <span className="text-muted">
        <ShieldAlert aria-hidden="true" className="mr-1.5 inline size-3.5 align-[-2px]" />
        {t("integrity.unverified")}
      </span>
    );
  const digest = detail.digests.find((one): one is Extract<Verified, { kind: "by" }> => one.kind === "by");
  if (!digest) return <span className="text-muted">{t("integrity.unknown")}</span>;
  const length = moving?.length ?? row.length;
  return (
    <span title={digest.digest}>
      {t(digest.given ? "integrity.hashingGiven" : "integrity.hashingFound", {
        algorithm: algorithmName(digest.algorithm),
        share: format.percent(length ? detail.bytes_hashed / length : 0),
      })}
    </span>
  );
}

/** `sha256` as people write it. */
export function algorithmName(algorithm: string): string {
  const sha2 = /^sha-?(224|256|384|512)$/i.exec(algorithm);
  return sha2 ? `SHA-${sha2[1]}` : algorithm.toUpperCase();
}
