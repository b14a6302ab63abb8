import { createContext, type ReactNode, useContext } from "react";
import type { Transport } from "./types";

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
