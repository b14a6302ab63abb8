import type { Command, DownloadId, Message, Reply } from "@/generated";

/** How the page reaches the programs behind it. Each host of the page has one of these. */
export interface Transport {
  /** Asks for something; never rejects: what goes wrong on the way is a `failed` reply too. */
  execute(command: Command): Promise<Reply>;

  /** Listens to everything that changes, until the returned function is called. It finds a lost connection again. */
  subscribe(listener: TransportListener): Unsubscribe;

  /** Asks for the details of one download in each snapshot; `null` for none. */
  watch(id: DownloadId | null): void;
}

/** What a listener is told. */
export interface TransportListener {
  /** A message came, in order. After a lost connection the first one is a whole state. */
  message(message: Message): void;

  /** The connection is there, or not. */
  connection(connection: Connection): void;
}

/** Whether the programs behind the page are reached. */
export type Connection = "connecting" | "open" | "lost" | "unauthorized";

export type Unsubscribe = () => void;
