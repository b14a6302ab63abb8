import { useCallback, useEffect, useRef, useState } from "react";
import { isSame } from "@/lib/share";

/** The engine tells of a change at about the time that it answers; what it took otherwise is shown after so long. */
const TOLD_WITHIN_MS = 2000;

interface Pending<T> {
  value: T;
  /** The engine took it, and what it tells of it is on its way. */
  taken: boolean;
}

/**
 * Something that is changed part by part, and sent as a whole. What is shown, and what the next change is built on, is what
 * was changed last, until the engine has said it back or refused it: two quick changes would take each other back else. One
 * at a time is sent, so that none overtakes another.
 */
export function usePending<T extends object>(
  known: T,
  send: (next: T) => Promise<boolean>,
  rest_ms: number,
): [T, (part: (now: T) => Partial<T>) => void] {
  const [pending, setPending] = useState<Pending<T> | null>(null);
  const latest = useRef(known);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sending = useRef(false);
  const again = useRef(false);
  const sender = useRef(send);
  useEffect(() => {
    sender.current = send;
  }, [send]);
  if (pending === null) latest.current = known;

  useEffect(() => {
    if (!pending?.taken) return;
    if (isSame(pending.value, known)) return setPending(null);
    const patience = setTimeout(() => setPending(null), TOLD_WITHIN_MS);
    return () => clearTimeout(patience);
  }, [pending, known]);

  const submit = useCallback(async () => {
    again.current = true;
    if (sending.current) return;
    sending.current = true;
    while (again.current) {
      again.current = false;
      const sent = latest.current;
      const taken = await sender.current(sent);
      // What was changed meanwhile is on its own way.
      if (latest.current === sent) setPending(taken ? { value: sent, taken } : null);
    }
    sending.current = false;
  }, []);

  const change = useCallback(
    (part: (now: T) => Partial<T>) => {
      const next = { ...latest.current, ...part(latest.current) };
      latest.current = next;
      setPending({ value: next, taken: false });
      clearTimeout(timer.current);
      if (rest_ms === 0) void submit();
      else timer.current = setTimeout(() => void submit(), rest_ms);
    },
    [submit, rest_ms],
  );

  return [pending?.value ?? known, change];
}
