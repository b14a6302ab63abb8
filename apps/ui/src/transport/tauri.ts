import { Channel, invoke } from "@tauri-apps/api/core";
import type { ClientMessage, Command, DownloadId, Message, Reply } from "@/generated";
import { failed, isReply } from "./replies";
import { desktop } from "./shell";
import type { Connection, Transport, TransportListener, Unsubscribe } from "./types";
import { Watched } from "./watched";

/** The shell sends no more than some messages that are not said to be heard; saying so at each would cost as much. */
const HEARD_EVERY = 4;
/** The shell is this very program: where it does not answer, something passed. */
const RETRY_MS = 1000;

/** The way to the desktop shell: commands by its list, everything that changes by a channel. */
export class TauriTransport implements Transport {
  readonly desktop = desktop;
  readonly #listeners = new Set<TransportListener>();
  /** Only the latest one counts. */
  #channel: Channel<Message> | null = null;
  #connection: Connection = "connecting";
  #retry: ReturnType<typeof setTimeout> | null = null;
  readonly #watched = new Watched((id) => this.#tellWatched(id));

  async execute(command: Command): Promise<Reply> {
    try {
      const reply: unknown = await invoke("execute", { command });
      return isReply(reply) ? reply : failed("internal", "The program gave no answer.");
    } catch {
      return failed("internal", "The program did not understand what the page asked for.");
    }
  }

  /** Each listener gets a whole state first: one that comes late makes the channel anew. */
  subscribe(listener: TransportListener): Unsubscribe {
    if (this.#listeners.size === 0) document.addEventListener("visibilitychange", this.#look);
    this.#listeners.add(listener);
    listener.connection(this.#connection);
    void this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      document.removeEventListener("visibilitychange", this.#look);
      this.#close();
      void say({ kind: "look", looking: false });
    };
  }

  watch(id: DownloadId | null): void {
    this.#watched.set(id);
  }

  async #open(): Promise<void> {
    this.#close();
    const channel = new Channel<Message>((message) => {
      if (channel === this.#channel) this.#receive(message);
    });
    this.#channel = channel;
    try {
      await invoke("subscribe", { channel });
    } catch {
      if (channel !== this.#channel) return;
      this.#tell("lost");
      this.#retry = setTimeout(() => void this.#open(), RETRY_MS);
      return;
    }
    if (channel !== this.#channel) return;
    this.#watched.renew();
    if (document.visibilityState !== "visible") this.#look();
  }

  #tellWatched(id: DownloadId | null): boolean {
    if (!this.#channel) return false;
    void say({ kind: "watch", id });
    return true;
  }

  #receive(message: Message): void {
    this.#tell("open");
    for (const listener of this.#listeners) listener.message(message);
    if (message.sequence % HEARD_EVERY === 0) void call("heard", { sequence: message.sequence });
  }

  readonly #look = (): void => {
    void say({ kind: "look", looking: document.visibilityState === "visible" });
  };

  #tell(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    for (const listener of this.#listeners) listener.connection(connection);
  }

  #close(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#channel = null;
  }
}

function say(message: ClientMessage): Promise<void> {
  return call("say", { message });
}

/** Asks for something whose answer nobody waits for. A shell that is ending answers nothing. */
async function call(command: string, words: Record<string, unknown>): Promise<void> {
  await invoke(command, words).catch(() => {});
}
