import { ChevronRight } from "lucide-react";
import { type FocusEvent, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { Spinner } from "@/components/ui/spinner";
import { Textarea } from "@/components/ui/textarea";
import { showToast } from "@/components/ui/toast";
import type { Bringer } from "@/dialogs/store";
import { useKeptTyped } from "@/dialogs/typed";
import type { Duplicate, Failure, Link, NewDownload } from "@/generated";
import { cx } from "@/lib/cx";
import { useEngine } from "@/stores/engine";
import { useTransport } from "@/transport/context";
import { Advanced } from "./advanced";
import {
  checkDraft,
  countSet,
  type Draft,
  downloadOf,
  downloadOfLink,
  EMPTY_DRAFT,
  optionsOf,
  startOf,
  withLink,
} from "./draft";
import { FolderLine, Found } from "./found";
import { LinkTable } from "./link-table";
import { showAdded } from "./show-added";
import { type Freshness, type Lookup, useLookup } from "./use-lookup";

interface AddDialogProps {
  /** What was pasted or dropped. */
  text: string;
  from: Bringer;
  /** What was set in it before, where it comes once more. */
  begun?: Draft | undefined;
  onClose(): void;
  /** Shows a download that is in the list already. */
  onShow(duplicate: Duplicate): void;
}

type Submitting = "no" | "when_found" | "sending";

/** From a link to a download: what it is, where it goes, and off. */
export function AddDialog({ text: pasted, from, begun, onClose, onShow }: AddDialogProps) {
  const { t } = useTranslation(["add", "common"]);
  const transport = useTransport();
  const settings = useEngine((known) => known.settings);
  const [text, setText] = useState(pasted);
  const [draft, setDraft] = useState<Draft>(begun ?? EMPTY_DRAFT);
  const [advanced, setAdvanced] = useState(countSet(draft) > 0);
  const [submitting, setSubmitting] = useState<Submitting>("no");
  const [failure, setFailure] = useState<Failure | null>(null);
  const [askedAbout, setAskedAbout] = useState<readonly Duplicate[]>([]);
  const wantedStart = useRef<"paused" | "in_turn">("in_turn");
  const field = useRef<HTMLTextAreaElement>(null);

  const options = useMemo(() => optionsOf(draft), [draft]);
  const { lookup, freshness, agreed, lookNow, takeTicket } = useLookup(transport, text, options, from);
  const [chosen, setChosen] = useChosen(lookup);
  const complaints = checkDraft(draft, Date.now());
  const wrong = Object.keys(complaints).length > 0;
  const change = (part: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...part }));
    setFailure(null);
  };

  // What others brought, and nobody touched, they bring again.
  const touched = begun !== undefined || text !== pasted || countSet(draft) > 0 || draft.folder !== null;
  const lost = touched || (from === "person" && text.trim() !== "");
  useKeptTyped(lost ? { kind: "add", text, from, draft } : null);

  const duplicates = duplicatesOf(lookup, askedAbout);
  const asks = duplicates.length > 0 && (settings?.general.confirmations.duplicates ?? true);
  const count = lookup.kind === "many" ? chosen.size : 1;
  // Enter looks at first then, and starts only what the person has seen.
  const looksFirst = !agreed && lookup.kind !== "many";
  const ready =
    lookup.kind === "found" || lookup.kind === "unreachable" || (lookup.kind === "many" && count > 0);

  const send = async (downloads: NewDownload[], asked: "ask" | "add") => {
    setSubmitting("sending");
    setFailure(null);
    const reply = await transport.execute({ action: "add", downloads, duplicates: asked });
    setSubmitting("no");
    if (reply.kind === "added" && reply.duplicates.length === 0) {
      onClose();
      void showAdded(reply.ids);
    } else if (reply.kind === "added" && reply.ids.length > 0) {
      showToast({ subject: "added", words: t("add:partly", { count: reply.ids.length }) });
      onClose();
    } else if (reply.kind === "added") setAskedAbout(reply.duplicates);
    else if (reply.kind === "failed") setFailure(reply.failure);
  };

  const submit = (paused: "paused" | "in_turn") => {
    if (wrong || submitting === "sending" || text.trim() === "") return;
    if (looksFirst) return lookNow();
    wantedStart.current = paused;
    const start = startOf(draft, paused);
    if (freshness !== "fresh" || lookup.kind === "refused") {
      // Enter was quicker than the server: it counts as soon as the answer is there.
      setSubmitting("when_found");
      if (freshness !== "looking") lookNow();
    } else if (lookup.kind === "many" && count > 0) {
      const links = lookup.links.filter((_, place) => chosen.has(place));
      // What is ticked although the list holds it was ticked on purpose.
      void send(
        links.map((link) => downloadOfLink(link, draft, start)),
        "add",
      );
    } else if (lookup.kind === "found" || lookup.kind === "unreachable") {
      const probed = lookup.kind === "found" ? lookup.probed : null;
      const download = downloadOf(lookup.url, draft, probed, probed ? takeTicket() : null, start);
      void send([withLink(download, draft, lookup.link)], duplicates.length > 0 || probed ? "add" : "ask");
    }
  };

  const left = (event: FocusEvent) => {
    // A field keeps the focus where it is the window that went behind another one.
    if (event.currentTarget.contains(event.relatedTarget) || event.target === document.activeElement) return;
    if (freshness === "stale" && agreed && !wrong) lookNow();
  };

  const submitFound = useEffectEvent(() => {
    if (submitting !== "when_found" || freshness === "looking") return;
    setSubmitting("no");
    if (freshness === "fresh" && lookup.kind === "found" && !asks) submit(wantedStart.current);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it waits for just these two
  useEffect(() => submitFound(), [freshness, submitting]);

  return (
    <Dialog
      open
      onClose={onClose}
      size="medium"
      title={lookup.kind === "many" ? t("add:titleMany", { count }) : t("add:title")}
      initialFocus={field}
    >
      <form
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          submit("in_turn");
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
          if (event.ctrlKey || event.metaKey) {
            event.preventDefault();
            submit("paused");
          }
        }}
      >
        <DialogBody className="flex flex-col gap-4">
          <div>
            <Textarea
              ref={field}
              aria-label={t("add:link")}
              placeholder={t("add:placeholder")}
              aria-invalid={lookup.kind === "refused"}
              aria-describedby="add-said"
              rows={1}
              value={text}
              className={cx(
                "min-h-9 wrap-anywhere max-sm:min-h-11",
                lookup.kind === "many" ? "max-h-20" : "max-h-32",
              )}
              onChange={(event) => {
                setText(event.target.value);
                setFailure(null);
                setAskedAbout([]);
                setSubmitting("no");
                change({ name: null });
              }}
              onPaste={() => setTimeout(lookNow)}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
                event.preventDefault();
                event.stopPropagation();
                submit(event.ctrlKey || event.metaKey ? "paused" : "in_turn");
              }}
            />
            <LookupNote lookup={lookup} freshness={freshness} />
          </div>

          {lookup.kind === "many" ? (
            <LinkTable links={lookup.links} refused={lookup.refused} chosen={chosen} onChange={setChosen} />
          ) : (
            <Found
              lookup={lookup}
              draft={draft}
              complaints={complaints}
              duplicates={duplicates}
              onChange={change}
              onLookAgain={lookNow}
              onAskedOtherwise={left}
              onShow={onShow}
            />
          )}
          {lookup.kind === "many" && (
            <FolderLine
              draft={draft}
              onChange={change}
              suggested={null}
              room={null}
              length={lengthOf(lookup.links, chosen)}
            />
          )}

          {/* biome-ignore lint/a11y/noStaticElementInteractions: nothing is done by it; it only hears that its fields were left */}
          <section onBlur={left}>
            <button
              type="button"
              aria-expanded={advanced}
              onClick={() => setAdvanced((open) => !open)}
              className="flex h-8 items-center gap-1.5 rounded-small pr-2 text-muted transition-colors duration-120 hover:text-text max-sm:h-11"
            >
              <ChevronRight
                aria-hidden
                className={cx("size-4 transition-transform duration-150", advanced && "rotate-90")}
              />
              {t("add:advanced")}
              {!advanced && countSet(draft) > 0 && (
                <span className="text-accent-text">{t("add:changed", { count: countSet(draft) })}</span>
              )}
            </button>
            {advanced && (
              <Advanced
                draft={draft}
                complaints={complaints}
                onChange={change}
                usualConnections={settings?.network.connections ?? 0}
                many={lookup.kind === "many" ? "many" : "one"}
              />
            )}
          </section>
          {failure && (
            <p role="alert" className="text-coral-text" title={failure.message}>
              {t(`common:failure.${failure.code}`)}
            </p>
          )}
        </DialogBody>
        <DialogFooter>
          <p className="mr-auto hidden items-center gap-1 text-small text-faint sm:flex">
            <Kbd keys="Enter" /> {t(looksFirst ? "add:hintLook" : "add:hintStart")}
            {!looksFirst && (
              <>
                <Kbd keys="Mod+Enter" className="ml-2" /> {t("add:hintPaused")}
              </>
            )}
          </p>
          <Button
            disabled={!ready || looksFirst || wrong}
            onClick={() => submit("paused")}
            className="max-sm:flex-1"
          >
            {t("add:paused")}
          </Button>
          <Button
            type="submit"
            look="primary"
            disabled={wrong || (!ready && !looksFirst && freshness !== "looking")}
            className="min-w-24 max-sm:flex-1"
          >
            {submitting !== "no" && <Spinner label={t("add:looking")} className="text-on-accent" />}
            {startLabel()}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );

  function startLabel(): string {
    if (looksFirst) return t("add:look");
    if (asks && lookup.kind !== "many") return t("add:startAgain");
    if (draft.startAt !== "" && !complaints.startAt) return t("add:schedule");
    return lookup.kind === "many" ? t("add:startAll") : t("add:start");
  }
}

/** Which of many are ticked: at first those that the list does not hold. */
function useChosen(lookup: Lookup) {
  const [state, setState] = useState<{ lookup: Lookup; chosen: ReadonlySet<number> }>({
    lookup,
    chosen: new Set(),
  });
  if (state.lookup !== lookup) {
    const places =
      lookup.kind === "many" ? lookup.links.flatMap((link, place) => (link.duplicate ? [] : [place])) : [];
    setState({ lookup, chosen: new Set(places) });
  }
  const setChosen = (chosen: ReadonlySet<number>) => setState({ lookup, chosen });
  return [state.chosen, setChosen] as const;
}

/** How much the ticked ones are, as far as that is known. */
function lengthOf(links: readonly Link[], chosen: ReadonlySet<number>): number {
  return links.reduce((sum, { length }, place) => sum + (chosen.has(place) ? (length ?? 0) : 0), 0);
}

function duplicatesOf(lookup: Lookup, askedAbout: readonly Duplicate[]): readonly Duplicate[] {
  if (askedAbout.length > 0) return askedAbout;
  if (lookup.kind === "found") return lookup.probed.duplicates;
  return [];
}

/** A line beneath the link, always as high, so that nothing moves when the answer comes. */
function LookupNote({ lookup, freshness }: { lookup: Lookup; freshness: Freshness }) {
  const { t } = useTranslation(["add", "check"]);
  return (
    <div id="add-said" aria-live="polite" className="mt-1.5 min-h-1 text-small">
      {freshness === "looking" && (
        <>
          <span className="relative block h-0.5 overflow-hidden rounded-full bg-track">
            <span className="absolute inset-y-0 w-1/3 animate-[seek_1.1s_ease-in-out_infinite] rounded-full bg-sea" />
          </span>
          <span className="sr-only">{t("add:looking")}</span>
        </>
      )}
      {lookup.kind === "refused" && freshness !== "looking" && (
        <span className="text-coral-text">
          {lookup.refused.length === 0 ? t("add:nothing") : t("check:url")}
        </span>
      )}
    </div>
  );
}
