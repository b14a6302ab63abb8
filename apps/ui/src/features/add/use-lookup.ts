import { useCallback, useEffect, useRef, useState } from "react";
import type { Bringer } from "@/dialogs/store";
import type { Candidate, Failure, Link, Probed, RequestOptions, Ticket } from "@/generated";
import { checkUrl } from "@/lib/checks";
import type { Transport } from "@/transport/types";
import { optionsFor } from "./draft";

/** How long typing must rest. */
const REST_MS = 400;

/** The server's answer is held open for 30 s; what is nearly over is not relied on. */
const TICKET_MS = 28_000;

const NOTHING = { text: "", asked: "" };

/** What became of the text in the link field. */
export type Lookup =
  | { kind: "empty" }
  | { kind: "looking"; url: string | null }
  /** A link whose server may not be asked yet. */
  | { kind: "unasked"; url: string; link: Link | null }
  | { kind: "found"; url: string; link: Link | null; probed: Probed }
  | { kind: "unreachable"; url: string; link: Link | null; failure: Failure }
  | { kind: "many"; links: readonly Link[]; refused: readonly Refused[] }
  | { kind: "refused"; refused: readonly Refused[] };

/** A line that is no link. */
export type Refused = Extract<Candidate, { kind: "refused" }>;

/** Whether what was found is the answer to what stands in the fields now. */
export type Freshness = "fresh" | "stale" | "looking";

interface Held {
  ticket: Ticket;
  at_ms: number;
}

/** What was looked at, and how it was asked for. */
interface Question {
  text: string;
  /** The request's options, as text. */
  asked: string;
}

/**
 * Looks at what a text leads to, once typing rests, or at once with `lookNow`. The answer is held open for the
 * transfer; one that is not taken with `takeTicket` is let go as soon as the text changes or the dialog closes.
 *
 * Options alone are not looked at while they are typed: each look is a real request, with half a password in it. The
 * last answer stays then, and `freshness` says that it is `stale` until `lookNow`.
 *
 * What others brought is read, but its server is asked nothing before `lookNow`: a link may be good for one time only,
 * or lead into a network that a web page cannot reach itself.
 */
export function useLookup(transport: Transport, text: string, options: RequestOptions, from: Bringer) {
  const [agreed, setAgreed] = useState(from === "person");
  const [found, setFound] = useState<Question & { lookup: Lookup }>({
    ...NOTHING,
    lookup: { kind: "empty" },
  });
  const [looking, setLooking] = useState<Question | null>(null);
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
    async (question: Question, wantedOptions: RequestOptions, mayAsk: boolean) => {
      const mine = ++round.current;
      if (timer.current) clearTimeout(timer.current);
      letGo();
      setLooking(question);
      const lookup = await lookAt(transport, question.text, mayAsk ? wantedOptions : null, (url) =>
        setFound((before) =>
          round.current !== mine || before.text === question.text
            ? before
            : { ...NOTHING, lookup: { kind: "looking", url } },
        ),
      );
      if (round.current !== mine) {
        // Nobody waits for this answer any more.
        if (lookup.kind === "found")
          void transport.execute({ action: "release", ticket: lookup.probed.ticket });
        return;
      }
      if (lookup.kind === "found") held.current = { ticket: lookup.probed.ticket, at_ms: performance.now() };
      setLooking(null);
      setFound({ ...question, lookup });
    },
    [transport, letGo],
  );

  const question = { text, asked: JSON.stringify(options) };
  const latest = useRef({ question, options, agreed });
  latest.current = { question, options, agreed };
  const lookUnlessForbidden = useCallback(() => {
    rest_ms.current = REST_MS;
    const { current } = latest;
    void look(current.question, current.options, current.agreed);
  }, [look]);
  const lookNow = useCallback(() => {
    setAgreed(true);
    latest.current.agreed = true;
    lookUnlessForbidden();
  }, [lookUnlessForbidden]);

  const rested = useRef<string | null>(null);
  useEffect(() => {
    if (rested.current === text) return;
    rested.current = text;
    round.current += 1;
    letGo();
    setLooking(null);
    if (text.trim() === "") {
      rest_ms.current = REST_MS;
      setFound({ ...NOTHING, lookup: { kind: "empty" } });
      return;
    }
    timer.current = setTimeout(lookUnlessForbidden, rest_ms.current);
    return () => {
      if (timer.current) clearTimeout(timer.current);
      rested.current = null;
    };
  }, [text, lookUnlessForbidden, letGo]);

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

  const { lookup } = found;
  const isSame = (one: Question) => one.text === text && one.asked === question.asked;
  // Only an answer of a server depends on how it was asked.
  const isFresh =
    isSame(found) || (found.text === text && lookup.kind !== "found" && lookup.kind !== "unreachable");
  const freshness: Freshness = looking && isSame(looking) ? "looking" : isFresh ? "fresh" : "stale";
  return { lookup, freshness, agreed, lookNow, takeTicket };
}

async function lookAt(
  transport: Transport,
  text: string,
  options: RequestOptions | null,
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
  return probe(transport, only.url, only, options && optionsFor(only, options));
}

async function probe(
  transport: Transport,
  url: string,
  link: Link | null,
  options: RequestOptions | null,
): Promise<Lookup> {
  if (!options) return { kind: "unasked", url, link };
  const reply = await transport.execute({ action: "probe", url, options });
  if (reply.kind === "probed") return { kind: "found", url, link, probed: reply.probed };
  const failure: Failure =
    reply.kind === "failed" ? reply.failure : { code: "internal", message: "", remedy: "retry" };
  return { kind: "unreachable", url, link, failure };
}
