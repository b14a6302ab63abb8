import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RateField } from "@/components/rate-field";
import { Input } from "@/components/ui/input";
import { NumberField } from "@/components/ui/number-field";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import type { Identity, Network, ProxyChoice } from "@/generated";
import { DEFAULT_SETTINGS } from "@/generated/defaults";
import { checkProxy, checkUserAgent } from "@/lib/checks";
import type { ItemId } from "../items";
import { back, Setting } from "../setting";
import { SwitchSetting } from "../switch-setting";
import { useLast } from "../use-last";
import { useSaved } from "../use-saved";
import { WeekGrid } from "../week-grid";

const DEFAULT = DEFAULT_SETTINGS.network;
const HOURS_A_WEEK = 7 * 24;
const FIRST_WEEKLY_LIMIT = 1_000_000;

type FigureKey =
  | "connections"
  | "connections_per_host"
  | "downloads_at_once"
  | "downloads_per_host"
  | "connect_timeout_s"
  | "retry_for_s";

interface FigureDefinition {
  item: ItemId;
  name: FigureKey;
  least: number;
  most: number;
}

const COUNTS: readonly FigureDefinition[] = [
  { item: "connections", name: "connections", least: 1, most: 64 },
  { item: "connectionsPerHost", name: "connections_per_host", least: 1, most: 256 },
  { item: "downloadsAtOnce", name: "downloads_at_once", least: 1, most: 64 },
  { item: "downloadsPerHost", name: "downloads_per_host", least: 1, most: 64 },
];

const WAITS: readonly FigureDefinition[] = [
  { item: "connectTimeout", name: "connect_timeout_s", least: 1, most: 300 },
  { item: "retryFor", name: "retry_for_s", least: 5, most: 3600 },
];

/** How it asks. */
export function NetworkSection() {
  const { settings, change } = useSaved();
  const { network } = settings;
  return (
    <>
      {COUNTS.map((figure) => (
        <FigureSetting key={figure.name} {...figure} />
      ))}
      <Setting
        item="limit"
        onReset={
          network.limit_bytes_per_s === null && !network.limit_on
            ? null
            : () => change("network", { limit_bytes_per_s: null, limit_on: false })
        }
      >
        {({ id }) => (
          <span className="flex items-center gap-3">
            <RateField
              id={id}
              value={network.limit_bytes_per_s}
              onChange={(limit_bytes_per_s) =>
                change("network", { limit_bytes_per_s, limit_on: limit_bytes_per_s !== null })
              }
            />
            <LimitSwitch />
          </span>
        )}
      </Setting>
      <Weekly />
      <ProxySetting proxy={network.proxy} />
      <IdentitySetting identity={network.identity} />
      {WAITS.map((figure) => (
        <FigureSetting key={figure.name} {...figure} />
      ))}
      <SwitchSetting
        item="allowDowngrade"
        on={network.allow_downgrade}
        first={DEFAULT.allow_downgrade}
        onChange={(allow_downgrade) => change("network", { allow_downgrade })}
      />
    </>
  );
}

function FigureSetting({ item, name, least, most }: FigureDefinition) {
  const { settings, change } = useSaved();
  const value = settings.network[name];
  const set = (next: number) => change("network", { [name]: next } as Partial<Network>);
  return (
    <Setting item={item} onReset={back(value, DEFAULT[name], set)}>
      {({ id }) => (
        <NumberField
          id={id}
          least={least}
          most={most}
          value={value}
          onChange={(next) => next !== null && set(next)}
        />
      )}
    </Setting>
  );
}

function LimitSwitch() {
  const { t } = useTranslation("settings");
  const { settings, change } = useSaved();
  const { limit_on, limit_bytes_per_s } = settings.network;
  return (
    <Switch
      label={t("limitOn")}
      checked={limit_on && limit_bytes_per_s !== null}
      disabled={limit_bytes_per_s === null}
      onChange={(on) => change("network", { limit_on: on })}
    />
  );
}

function Weekly() {
  const { t } = useTranslation("settings");
  const { settings, change } = useSaved();
  const weekly = settings.network.weekly_limits;
  const last = useLast(weekly);
  return (
    <Setting
      item="weekly"
      layout={weekly ? "beneath" : "beside"}
      onReset={back(weekly, DEFAULT.weekly_limits, (weekly_limits) => change("network", { weekly_limits }))}
    >
      {({ id }) => (
        <div className="flex flex-col gap-3">
          <div className="flex flex-wrap items-center gap-4">
            <Switch
              id={id}
              checked={weekly !== null}
              onChange={(on) =>
                change("network", {
                  weekly_limits: on
                    ? (last ?? {
                        limit_bytes_per_s: settings.network.limit_bytes_per_s ?? FIRST_WEEKLY_LIMIT,
                        hours: new Array(HOURS_A_WEEK).fill("free"),
                      })
                    : null,
                })
              }
            />
            {weekly && (
              <RateField
                label={t("weekly.limit")}
                value={weekly.limit_bytes_per_s}
                onChange={(limit) =>
                  limit !== null &&
                  change("network", { weekly_limits: { ...weekly, limit_bytes_per_s: limit } })
                }
              />
            )}
          </div>
          {weekly && (
            <WeekGrid
              hours={weekly.hours}
              onChange={(hours) => change("network", { weekly_limits: { ...weekly, hours } })}
            />
          )}
        </div>
      )}
    </Setting>
  );
}

function ProxySetting({ proxy }: { proxy: ProxyChoice }) {
  const { t } = useTranslation(["settings", "check"]);
  const { change } = useSaved();
  // What is typed is kept apart until it can be used.
  const [url, setUrl] = useState(proxy.kind === "url" ? proxy.url : "");
  const [kind, setKind] = useState(proxy.kind);
  const complaint = kind === "url" && url !== "" ? checkProxy(url) : null;
  const choose = (next: ProxyChoice["kind"]) => {
    setKind(next);
    if (next !== "url") change("network", { proxy: { kind: next } });
    else if (url !== "" && checkProxy(url) === null)
      change("network", { proxy: { kind: "url", url, has_password: false } });
  };
  return (
    <Setting
      item="proxy"
      error={complaint ? t(`check:${complaint}`) : null}
      onReset={proxy.kind === "system" && kind === "system" ? null : () => choose("system")}
    >
      {({ id, ...ties }) => (
        <div className="flex w-64 flex-col gap-2">
          <Select
            id={id}
            value={kind}
            onChange={choose}
            choices={(["system", "direct", "url"] as const).map((value) => ({
              value,
              label: t(`settings:proxy.${value}`),
            }))}
          />
          {kind === "url" && (
            <Input
              {...ties}
              aria-label={t("settings:proxy.address")}
              placeholder="socks5://127.0.0.1:1080"
              value={url}
              onChange={(event) => {
                const next = event.target.value.trim();
                setUrl(next);
                if (checkProxy(next) === null)
                  change("network", { proxy: { kind: "url", url: next, has_password: false } });
              }}
            />
          )}
          {kind === "url" && proxy.kind === "url" && proxy.has_password && (
            <p className="text-small text-faint">{t("settings:proxy.hasPassword")}</p>
          )}
        </div>
      )}
    </Setting>
  );
}

function IdentitySetting({ identity }: { identity: Identity }) {
  const { t } = useTranslation(["settings", "check"]);
  const { change } = useSaved();
  const [agent, setAgent] = useState(identity.kind === "custom" ? identity.user_agent : "");
  const [kind, setKind] = useState(identity.kind);
  const complaint = kind === "custom" && agent !== "" ? checkUserAgent(agent.trim()) : null;
  const choose = (next: Identity["kind"], text = agent) => {
    setKind(next);
    const user_agent = text.trim();
    if (next !== "custom") change("network", { identity: { kind: next } });
    else if (!checkUserAgent(user_agent)) change("network", { identity: { kind: next, user_agent } });
  };
  return (
    <Setting
      item="identity"
      error={complaint ? t(`check:${complaint}`) : null}
      onReset={kind === "browser" ? null : () => choose("browser")}
    >
      {({ id, ...ties }) => (
        <div className="flex w-64 flex-col gap-2">
          <Select
            id={id}
            value={kind}
            onChange={(next) => choose(next)}
            choices={(["browser", "gannet", "custom"] as const).map((value) => ({
              value,
              label: t(`settings:identity.${value}`),
            }))}
          />
          {kind === "custom" && (
            <Input
              {...ties}
              aria-label={t("settings:identity.agent")}
              placeholder="Mozilla/5.0 …"
              value={agent}
              onChange={(event) => {
                setAgent(event.target.value);
                choose("custom", event.target.value);
              }}
            />
          )}
        </div>
      )}
    </Setting>
  );
}
