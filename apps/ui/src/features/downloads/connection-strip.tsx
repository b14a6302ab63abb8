import { KeyRound, Unplug } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEngine } from "@/stores/engine";

/** A connection that comes back at once is not worth a word. */
const SHOWN_AFTER_MS = 700;

/** Says that the programs behind the page are not reached; what was known stays on the screen beneath it. */
export function ConnectionStrip() {
  const { t } = useTranslation("downloads");
  const connection = useEngine((state) => state.connection);
  const ready = useEngine((state) => state.ready);
  const quit = useEngine((state) => state.quit);
  const missing =
    connection === "lost" || connection === "unauthorized" || (connection === "connecting" && !ready);
  const late = useLate(missing);
  if (!missing || !late) return null;
  const Icon = connection === "unauthorized" ? KeyRound : Unplug;
  return (
    <div role="status" className="connection-strip">
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      <span className="min-w-0">
        {t(`connection.${quit && connection === "lost" ? "quit" : connection}`)}
      </span>
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
