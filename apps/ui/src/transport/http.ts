import type { ClientMessage, Command, DownloadId, Message, Reply } from "@/generated";
import { failed, isReply } from "./replies";
import type { Connection, Transport, TransportListener, Unsubscribe } from "./types";
import { Watched } from "./watched";

/** The waits before the next try to find a lost connection; the last one stays. */
const WAITS_MS = [250, 500, 1000, 2000, 4000, 8000, 15_000] as const;
/** A command that is not answered for so long is given up; the longest one waits for a slow server. */
const COMMAND_TIMEOUT_MS = 90_000;
/** The server closes with it where the session is not known. */
const CLOSED_UNAUTHORIZED = 4401;

/** What of the browser the transport needs; a test gives its own. */
export interface Browser {
  fetch(path: string, init: RequestInit): Promise<Response>;
  openSocket(path: string): WebSocket;
  /** Whether somebody looks at the page, and a way to hear of it. */
  isVisible(): boolean;
  onVisibility(listener: () => void): Unsubscribe;
}

/** The page's own window. */
export function thisBrowser(): Browser {
  return {
    fetch: (path, init) => fetch(path, init),
    openSocket: (path) => {
      const url = new URL(path, location.href);
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      return new WebSocket(url);
    },
    isVisible: () => document.visibilityState === "visible",
    onVisibility: (listener) => {
      document.addEventListener("visibilitychange", listener);
      return () => document.removeEventListener("visibilitychange", listener);
    },
  };
}

/** The way to `gannet serve`: commands by POST, everything that changes by one WebSocket. */
export class HttpTransport implements Transport {
  readonly desktop = null;
  readonly #browser: Browser;
  readonly #listeners = new Set<TransportListener>();
  #socket: WebSocket | null = null;
  #connection: Connection = "connecting";
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;
  readonly #watched = new Watched((id) => this.#say({ kind: "watch", id }));
  #lastSequence: number | null = null;
  #forgetVisibility: Unsubscribe | null = null;

  constructor(browser: Browser = thisBrowser()) {
    this.#browser = browser;
  }

  async execute(command: Command): Promise<Reply> {
    try {
      const response = await this.#browser.fetch("/api/command", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        credentials: "same-origin",
        body: JSON.stringify(command),
        signal: AbortSignal.timeout(COMMAND_TIMEOUT_MS),
      });
      if (response.status === 401) {
        this.#tell("unauthorized");
        return failed("unauthorized", "The page is not signed in.");
      }
      // A command that was not carried out is answered by a reply too, whatever its status.
      const reply: unknown = await response.json();
      return isReply(reply) ? reply : failed("internal", `The program answered ${response.status}.`);
    } catch {
      return failed("gave_out", "The connection to the program is lost.");
    }
  }

  /** Each listener gets a whole state first: one that comes late makes the connection anew. */
  subscribe(listener: TransportListener): Unsubscribe {
    this.#listeners.add(listener);
    this.#forgetVisibility ??= this.#browser.onVisibility(() => this.#visibilityChanged());
    listener.connection(this.#connection);
    this.#close();
    this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#forgetVisibility?.();
      this.#forgetVisibility = null;
      this.#close();
    };
  }

  watch(id: DownloadId | null): void {
    this.#watched.set(id);
  }

  #open(): void {
    const socket = this.#browser.openSocket("/api/events");
    this.#socket = socket;
    this.#lastSequence = null;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#watched.renew();
      if (!this.#browser.isVisible()) this.#say({ kind: "look", looking: false });
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) void this.#lost(code);
    };
  }

  #receive(data: unknown): void {
    const message = parseMessage(data);
    if (!message) return;
    const gap = this.#lastSequence !== null && message.sequence !== this.#lastSequence + 1;
    if (message.kind !== "state" && (gap || this.#lastSequence === null)) {
      // Something is missing that no later message brings again: only a whole state helps.
      this.#close();
      this.#open();
      return;
    }
    this.#lastSequence = message.sequence;
    this.#tries = 0;
    this.#tell("open");
    for (const listener of this.#listeners) listener.message(message);
  }

  async #lost(code: number): Promise<void> {
    this.#socket = null;
    if (code === CLOSED_UNAUTHORIZED || (await this.#isRefused())) {
      this.#tell("unauthorized");
      return;
    }
    if (this.#listeners.size === 0 || this.#socket) return;
    this.#tell("lost");
    const wait_ms = WAITS_MS[Math.min(this.#tries, WAITS_MS.length - 1)];
    this.#tries++;
    this.#retry = setTimeout(() => this.#open(), wait_ms);
  }

  /** A browser does not say why a WebSocket was refused; a plain request does. */
  async #isRefused(): Promise<boolean> {
    try {
      const response = await this.#browser.fetch("/api/events", {
        method: "GET",
        credentials: "same-origin",
      });
      return response.status === 401;
    } catch {
      return false;
    }
  }

  #visibilityChanged(): void {
    const looking = this.#browser.isVisible();
    this.#say({ kind: "look", looking });
    // Somebody is back: no reason to wait any longer.
    if (looking && this.#retry) {
      this.#tries = 0;
      clearTimeout(this.#retry);
      this.#retry = null;
      this.#open();
    }
  }

  /** Whether there was somebody to hear it. */
  #say(message: ClientMessage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #tell(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    for (const listener of this.#listeners) listener.connection(connection);
  }

  #close(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}

function parseMessage(data: unknown): Message | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null && "kind" in message && "sequence" in message
      ? (message as Message)
      : null;
  } catch {
    return null;
  }
}
