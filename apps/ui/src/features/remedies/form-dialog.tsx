import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
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
    onDone,
    onClose,
    aside,
    children,
  } = props;
  const { t } = useTranslation("common");
  const transport = useTransport();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const submit = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setRefused(null);
    for (const command of commands()) {
      const reply = await transport.execute(command);
      if (reply.kind !== "failed") continue;
      setBusy(false);
      setRefused(t(`failure.${reply.failure.code}`));
      return;
    }
    onDone?.();
    onClose();
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
          {refused && (
            <p role="alert" className="text-coral-text">
              {refused}
            </p>
          )}
        </DialogBody>
        <DialogFooter>
          {aside && <span className="mr-auto">{aside}</span>}
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" look={look} disabled={!ready}>
            {busy && <Spinner label={t("loading")} className="text-current" />}
            {go}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
