import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import { showToast } from "@/components/ui/toast";
import type { Command } from "@/generated";
import { useTransport } from "@/transport/context";

interface FormDialogProps {
  title: string;
  description?: ReactNode;
  /** What the button that does it says. */
  go: string;
  look?: "primary" | "danger";
  /** Whether what stands there can be done. */
  ready: boolean;
  /** What is asked of the engine, one after another; the first that is refused ends it. */
  commands(): Command[];
  /** Where it may take long: what is said while it is under way, and once it is done where nobody waited for it. */
  underWay?: { words: string; done: string };
  onDone?(): void;
  onClose(): void;
  /** Another way out, beside Cancel. */
  aside?: ReactNode;
  children?: ReactNode;
}

/** A question with fields: it stays until it is done, and says why where it is not. */
export function FormDialog(props: FormDialogProps) {
  const {
    title,
    description,
    go,
    look = "primary",
    ready,
    commands,
    underWay,
    onDone,
    onClose,
    aside,
    children,
  } = props;
  const { t } = useTranslation("common");
  const transport = useTransport();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const open = useIsThere();
  const submit = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setRefused(null);
    for (const command of commands()) {
      const reply = await transport.execute(command);
      if (reply.kind !== "failed") continue;
      const words = t(`failure.${reply.failure.code}`);
      setBusy(false);
      if (open.current) setRefused(words);
      else showToast({ subject: "command", words, tone: "failure" });
      return;
    }
    onDone?.();
    // What is open by now, where somebody closed this one, is another one.
    if (open.current) onClose();
    else if (underWay) showToast({ subject: "done", words: underWay.done });
  };
  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <form
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <DialogBody className="flex flex-col gap-3">
          {children}
          {busy && underWay && (
            <p role="status" className="text-muted">
              {underWay.words}
            </p>
          )}
          {refused && (
            <p role="alert" className="text-coral-text">
              {refused}
            </p>
          )}
        </DialogBody>
        <DialogFooter>
          {aside && <span className="mr-auto">{aside}</span>}
          <Button onClick={onClose}>{t(busy && underWay ? "close" : "cancel")}</Button>
          <Button type="submit" look={look} disabled={!ready}>
            {busy && <Spinner label={t("loading")} className="text-current" />}
            {go}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

/** Whether it is still on the page, for whoever waited for something. */
function useIsThere(): RefObject<boolean> {
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  return there;
}
