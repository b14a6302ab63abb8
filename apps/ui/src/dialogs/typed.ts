import { useEffect } from "react";
import { useTransport } from "@/transport/context";
import { keptOtherwise } from "./from-outside";
import { type OpenDialog, useDialogs } from "./store";

type Typed = Extract<OpenDialog, { kind: "add" }>;

/** So much of a list is kept; who has more of them has it elsewhere too. */
const KEPT_LETTERS_MOST = 500_000;

/** What is typed in the Add dialog, while it is open. */
let typed: Typed | null = null;

/** What would be lost if the Add dialog went now. */
export function typedNow(): Typed | null {
  return typed;
}

/** Lets what is typed outlast the page, and a dialog that comes over it. `now` is nothing where nothing would be lost. */
export function useKeptTyped(now: Typed | null): void {
  const { desktop } = useTransport();
  const written = now === null || now.text.length > KEPT_LETTERS_MOST ? null : JSON.stringify(now);
  useEffect(() => {
    if (written === null && typed === null) return;
    typed = written === null ? null : (JSON.parse(written) as Typed);
    desktop?.keepDraft(written);
    if (desktop && written !== null) keptOtherwise();
  }, [desktop, written]);
  useEffect(
    () => () => {
      const { shown } = useDialogs.getState();
      if (typed === null || (shown?.kind === "quit" && shown.over)) return;
      typed = null;
      desktop?.keepDraft(null);
    },
    [desktop],
  );
}
