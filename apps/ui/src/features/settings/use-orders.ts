import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toast";
import type { Command, Reply } from "@/generated";
import { useTransport } from "@/transport/context";

/** Carries a command out, and says in words why where it was refused. */
export function useOrders(): (command: Command) => Promise<Reply | null> {
  const { t } = useTranslation("common");
  const transport = useTransport();
  return useCallback(
    async (command) => {
      const reply = await transport.execute(command);
      if (reply.kind !== "failed") return reply;
      showToast({ subject: "settings", words: t(`failure.${reply.failure.code}`), tone: "failure" });
      return null;
    },
    [transport, t],
  );
}
