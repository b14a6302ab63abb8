import { useCallback, useEffect, useRef, useState } from "react";
import type { Candidate, Failure, Link, Probed, RequestOptions, Ticket } from "@/generated";
import { checkUrl } from "@/lib/checks";
import type { Transport } from "@/transport/types";
import { optionsFor } from "./draft";

/** How long typing must rest. */
const REST_MS = 400;

/** The server's answer is held open for 30 s; what is nearly over is not relied on. */
const TICKET_MS = 28_000;

/** What became of the text in the link field. */
export type Lookup =
  | { kind: "empty" }
  | { kind: "looking"; url: string | null }
  | { kind: "found"; url: string; link: Link | null; probed: Probed }
  | { kind: "unreachable"; url: string; link: Link | null; failure: Failure }
  | { kind: "many"; links: readonly Link[]; refused: readonly Refused[] }
  | { kind: "refused"; refused: readonly Refused[] };

/** A line that is no link. */
export type Refused = Extract<Candidate, { kind: "refused" }>;

interface Held {
  ticket: Ticket;
  at_ms: number;
}

/**
 * Looks at what a text leads to, once typing rests, or at once with `lookNow`. The answer is held open for the
 * transfer; one that is not taken with `takeTicket` is let go as soon as the text changes or the dialog closes.
 */
export function useLookup(transport: Transport, text: string, options: RequestOptions) {
  const [lookup, setLookup] = useState<Lookup>({ kind: "empty" });
  const round = useRef(0);
  const held = useRef<Held | null>(null);
  // What the dialog was opened with was pasted: there is no typing to wait for.
  const rest_ms = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  const letGo = useCallback(() => {
    const ticket = held.current?.ticket;
    held.current = null;
    if (ticket !== undefined) void transport.execute({ action: "release", ticket });
  }, [transport]);

  const look = useCallback(
    async (wantedText: string, wantedOptions: RequestOptions) => {
      const mine = ++round.current;
      if (timer.current) clearTimeout(timer.current);
      letGo();
      const found = await lookAt(transport, wantedText, wantedOptions, (url) => {
        if (round.current === mine) setLookup({ kind: "looking", url });
      });
      if (round.current !== mine) {
        // Nobody waits for this answer any more.
        if (found.kind === "found")
          void transport.execute({ action: "release", ticket: found.probed.ticket });
        return;
      }
      if (found.kind === "found") held.current = { ticket: found.probed.ticket, at_ms: performance.now() };
      setLookup(found);
    },
    [transport, letGo],
  );

  const optionsKey = JSON.stringify(options);
  const latest = useRef({ text, options });
  latest.current = { text, options };
  const lookNow = useCallback(() => {
    rest_ms.current = REST_MS;
    void look(latest.current.text, latest.current.options);
  }, [look]);

  const rested = useRef("");
  useEffect(() => {
    const state = `${text}\n${optionsKey}`;
    if (rested.current === state) return;
    rested.current = state;
    round.current += 1;
    letGo();
    if (text.trim() === "") {
      rest_ms.current = REST_MS;
      setLookup({ kind: "empty" });
      return;
    }
    timer.current = setTimeout(lookNow, rest_ms.current);
    return () => {
      if (timer.current) clearTimeout(timer.current);
      rested.current = "";
    };
  }, [text, optionsKey, lookNow, letGo]);

  useEffect(
    () => () => {
      round.current += 1;
      letGo();
    },
    [letGo],
  );

  const takeTicket = useCallback((): Ticket | null => {
    const taken = held.current;
    held.current = null;
    return taken !== null && performance.now() - taken.at_ms < TICKET_MS ? taken.ticket : null;
  }, []);

  return { lookup, lookNow, takeTicket };
}

async function lookAt(
  transport: Transport,
  text: string,
  options: RequestOptions,
  onLooking: (url: string | null) => void,
): Promise<Lookup> {
  const trimmed = text.trim();
  // One plain link is the common case; it saves a way to the engine and back.
  if (checkUrl(trimmed) === null && !/[[\]{}]/.test(trimmed)) {
    onLooking(trimmed);
    return probe(transport, trimmed, null, options);
  }
  onLooking(null);
  const reply = await transport.execute({ action: "read_links", text });
  if (reply.kind !== "links") {
    const failure: Failure =
      reply.kind === "failed" ? reply.failure : { code: "internal", message: "", remedy: "retry" };
    return { kind: "refused", refused: [{ kind: "refused", text: trimmed.slice(0, 200), failure }] };
  }
  const links = reply.candidates.flatMap((candidate) => (candidate.kind === "link" ? [candidate.link] : []));
  const refused = reply.candidates.filter((candidate) => candidate.kind === "refused");
  const [only] = links;
  if (!only) return { kind: "refused", refused };
  if (links.length > 1) return { kind: "many", links, refused };
  onLooking(only.url);
  return probe(transport, only.url, only, optionsFor(only, options));
}

async function probe(
  transport: Transport,
  url: string,
  link: Link | null,
  options: RequestOptions,
): Promise<Lookup> {
  const reply = await transport.execute({ action: "probe", url, options });
  if (reply.kind === "probed") return { kind: "found", url, link, probed: reply.probed };
  const failure: Failure =
    reply.kind === "failed" ? reply.failure : { code: "internal", message: "", remedy: "retry" };
  return { kind: "unreachable", url, link, failure };
}
