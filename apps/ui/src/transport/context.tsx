import { createContext, type ReactNode, useContext } from "react";
import type { Desktop, Transport } from "./types";

const Context = createContext<Transport | null>(null);

/** Gives everything below the way to the programs behind the page. */
export function TransportProvider({ transport, children }: { transport: Transport; children: ReactNode }) {
  return <Context value={transport}>{children}</Context>;
}

/** The way to the programs behind the page. */
export function useTransport(): Transport {
  const transport = useContext(Context);
  if (!transport) throw new Error("useTransport needs a TransportProvider above it");
  return transport;
}

/** What only a window on the person's own screen can do; none in a browser. */
export function useDesktop(): Desktop | null {
  return useTransport().desktop;
}
