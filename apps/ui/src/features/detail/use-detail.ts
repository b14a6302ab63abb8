import { useEffect, useState } from "react";
import type { Detail, Row } from "@/generated";
import { useEngine } from "@/stores/engine";
import { useTransport } from "@/transport/context";

/** Everything about a download: asked for at once, and then told with each snapshot for as long as it is watched. */
export function useDetail(row: Row | undefined): Detail | null {
  const transport = useTransport();
  const id = row?.id ?? null;
  const told = useEngine((state) => (state.detail?.id === id ? state.detail : null));
  const [asked, setAsked] = useState<Detail | null>(null);

  useEffect(() => {
    transport.watch(id);
    return () => transport.watch(null);
  }, [transport, id]);

  // What stands still may not be told of again: it is asked for anew when its row changes.
  useEffect(() => {
    if (!row) return;
    let wanted = true;
    void transport.execute({ action: "get_detail", id: row.id }).then((reply) => {
      if (wanted && reply.kind === "detail") setAsked(reply.detail);
    });
    return () => {
      wanted = false;
    };
  }, [transport, row]);

  if (told) return told;
  return asked?.id === id ? asked : null;
}
