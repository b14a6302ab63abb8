import { KeyRound, RefreshCw, Unplug } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { useEngine } from "@/stores/engine";

/** A connection that comes back at once is not worth a word. */
const SHOWN_AFTER_MS = 700;

/**
 * Says that the programs behind the page are not reached, or that they are others than the page knows; what was known stays
 * on the screen beneath it.
 */
export function ConnectionStrip() {
  const { t } = useTranslation("downloads");
  const connection = useEngine((state) => state.connection);
  const ready = useEngine((state) => state.ready);
  const quit = useEngine((state) => state.quit);
  const outdated = useEngine((state) => state.outdated);
  const missing =
    connection === "lost" || connection === "unauthorized" || (connection === "connecting" && !ready);
  const late = useLate(missing);
  if (missing) {
    if (!late) return null;
    const Icon = connection === "unauthorized" ? KeyRound : Unplug;
    return (
      <Strip icon={<Icon />} words={t(`connection.${quit && connection === "lost" ? "quit" : connection}`)} />
    );
  }
  if (!outdated) return null;
  return (
    <Strip icon={<RefreshCw />} words={t("connection.outdated")}>
      <Button onClick={() => location.reload()}>{t("part.reload")}</Button>
    </Strip>
  );
}

function Strip({ icon, words, children }: { icon: ReactNode; words: string; children?: ReactNode }) {
  return (
    <div role="status" className="connection-strip">
      <span aria-hidden="true" className="shrink-0 [&_svg]:size-4">
        {icon}
      </span>
      <span className="min-w-0">{words}</span>
      {children}
    </div>
  );
}

function useLate(missing: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!missing) return setLate(false);
    const timer = setTimeout(() => setLate(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [missing]);
  return late;
}
