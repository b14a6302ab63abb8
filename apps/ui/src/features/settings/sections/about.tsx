import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Mark } from "@/components/logo";
import { Input } from "@/components/ui/input";
import { useFormat } from "@/i18n/use-format";
import { useEngine } from "@/stores/engine";
import listUrl from "../licences.json?url";
import { Setting } from "../setting";

interface Licence {
  name: string;
  version: string;
  licence: string;
}

/** What this is, and what it is made of. */
export function About() {
  const version = useEngine((known) => known.programVersion);
  return (
    <>
      <Setting item="about">
        {() => (
          <span className="flex items-center gap-3">
            <span className="tabular text-muted">{version}</span>
            <span className="flex size-11 items-center justify-center rounded-large border border-hairline bg-field">
              <Mark size={26} />
            </span>
          </span>
        )}
      </Setting>
      <Licences />
    </>
  );
}

function Licences() {
  const { t } = useTranslation("settings");
  const format = useFormat();
  const [licences, setLicences] = useState<readonly Licence[]>([]);
  const [search, setSearch] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    fetch(listUrl, { signal: stop.signal })
      .then((response) => response.json() as Promise<readonly Licence[]>)
      .then(setLicences)
      // Without a server there is none to show; the strip above the list says that already.
      .catch(() => {});
    return () => stop.abort();
  }, []);
  const wanted = search.trim().toLowerCase();
  const shown = licences.filter(({ name, licence }) => `${name} ${licence}`.toLowerCase().includes(wanted));
  return (
    <Setting item="licences" layout="beneath">
      {({ id }) => (
        <>
          <div className="mb-2 flex items-center gap-3">
            <Input
              id={id}
              placeholder={t("licences.filter")}
              value={search}
              onChange={(event) => setSearch(event.target.value)}
              className="w-60"
            />
            <span className="tabular text-small text-faint">
              {t("licences.count", { count: shown.length, number: format.number(shown.length) })}
            </span>
          </div>
          <ul
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keys must reach it
            tabIndex={0}
            aria-label={t("item.licences.title")}
            className="h-56 overflow-y-auto rounded-small border border-hairline bg-field"
          >
            {shown.map((part) => (
              <li
                key={`${part.name} ${part.version}`}
                className="flex h-7 items-center gap-3 px-3 [contain-intrinsic-size:auto_28px] [content-visibility:auto]"
              >
                <span className="min-w-0 flex-1 truncate">
                  {part.name} <span className="tabular text-faint">{part.version}</span>
                </span>
                <span className="max-w-1/2 truncate text-small text-muted">{part.licence}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Setting>
  );
}
