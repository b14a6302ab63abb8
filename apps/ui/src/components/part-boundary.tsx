import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NotLoaded } from "@/lib/late";
import { useEngine } from "@/stores/engine";
import { Boundary } from "./boundary";
import { showToast } from "./ui/toast";

interface PartBoundaryProps {
  /** What it is about: something else is tried anew. */
  of?: unknown;
  /** Puts it away: the next one is loaded anew. */
  onFailure(): void;
  children: ReactNode;
}

/** Around a part of the page that may not come, or may not be drawn: it says so, and the rest of the page stays. */
export function PartBoundary({ of, onFailure, children }: PartBoundaryProps) {
  const { t } = useTranslation("downloads");
  return (
    <Boundary
      of={of}
      onFailure={(failure) => {
        complain(failure, t);
        onFailure();
      }}
    >
      {children}
    </Boundary>
  );
}

function complain(failure: unknown, t: TFunction<"downloads">): void {
  const reached = useEngine.getState().connection === "open";
  const words = !(failure instanceof NotLoaded) ? "broken" : reached ? "missing" : "unreached";
  showToast({
    subject: "part",
    tone: "failure",
    words: t(`part.${words}`),
    // While nobody answers, a page that is loaded anew would be gone.
    ...(reached && { action: { label: t("part.reload"), run: () => location.reload() } }),
  });
}
