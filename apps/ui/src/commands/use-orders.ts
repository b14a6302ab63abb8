import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toast";
import type { Command, Reply } from "@/generated";
import { useTransport } from "@/transport/context";

/** Carries a command out. Where it was refused there is no reply, and a toast says why. */
export type Order = (command: Command) => Promise<Reply | null>;

export function useOrders(): Order {
  const { t } = useTranslation("common");
  const transport = useTransport();
  return useCallback(
    async (command) => {
      const reply = await transport.execute(command);
      if (reply.kind !== "failed") return reply;
      showToast({ subject: "command", words: t(`failure.${reply.failure.code}`), tone: "failure" });
      return null;
    },
    [transport, t],
  );
}
