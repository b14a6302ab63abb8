import type { ClientMessage, Command, DownloadId, Message, Reply } from "@/generated";
import { failed, isReply } from "./replies";
import type { Connection, Transport, TransportListener, Unsubscribe } from "./types";
import { Watched } from "./watched";

/** The waits before the next try to find a lost connection; the last one stays. */
const WAITS_MS = [250, 500, 1000, 2000, 4000, 8000, 15_000] as const;
/** A command that is not answered for so long is given up; the longest one waits for a slow server. */
const COMMAND_TIMEOUT_MS = 90_000;
/** They are answered once all is done, and as long as that takes: files are copied, or lists go through a slow line. */
const ENDLESS: ReadonlySet<Command["action"]> = new Set([
  "move_files",
  "rename",
  "add",
  "read_links",
  "import",
  "export",
]);
/** Whoever asks whether anybody is there waits no longer. */
const ASK_TIMEOUT_MS = 5000;
/** So often it is looked whether the connection still lives. */
const WATCH_EVERY_MS = 2000;
/** Where something moves, the server tells of it four times a second: after so long a silence the connection is dead. */
const SILENCE_WHILE_MOVING_MS = 10_000;
/** Where nothing moves it says nothing: after so long a silence it is asked whether it is there. */
const SILENCE_MS = 30_000;
/** A connection that is not there after so long does not come. */
const CONNECTS_WITHIN_MS = 10_000;
/** A page that nobody saw for so long, or a machine that slept, has a connection that nobody vouches for. */
const UNSEEN_MS = 30_000;
/** The server closes with it where the session is not known. */
const CLOSED_UNAUTHORIZED = 4401;

/** What of the browser the transport needs; a test gives its own. */
export interface Browser {
  fetch(path: string, init: RequestInit): Promise<Response>;
  openSocket(path: string): WebSocket;
  /** Whether somebody looks at the page, and a way to hear of it. */
  isVisible(): boolean;
  onVisibility(listener: () => void): Unsubscribe;
  /** A way to hear that there is a network again, or another one. */
  onOnline(listener: () => void): Unsubscribe;
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
    onOnline: (listener) => {
      window.addEventListener("online", listener);
      return () => window.removeEventListener("online", listener);
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
  /** When something came last, and whether more has to come by itself. */
  #heardAt_ms = 0;
  #somethingMoves = false;
  /** When the page was last seen to be seen. */
  #seenAt_ms = 0;
  #asking = false;
  #stopMinding: Unsubscribe | null = null;

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
        ...(!ENDLESS.has(command.action) && { signal: AbortSignal.timeout(COMMAND_TIMEOUT_MS) }),
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
    this.#stopMinding ??= this.#mind();
    listener.connection(this.#connection);
    this.#close();
    this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stopMinding?.();
      this.#stopMinding = null;
      this.#close();
    };
  }

  watch(id: DownloadId | null): void {
    this.#watched.set(id);
  }

  /** Minds the connection: a browser does not say that the other end is gone, when the machine slept or the network went. */
  #mind(): Unsubscribe {
    this.#seenAt_ms = Date.now();
    const stops = [
      this.#browser.onVisibility(() => this.#visibilityChanged()),
      this.#browser.onOnline(() => this.#renew()),
    ];
    const timer = setInterval(() => this.#watchOver(), WATCH_EVERY_MS);
    return () => {
      clearInterval(timer);
      for (const stop of stops) stop();
    };
  }

  #watchOver(): void {
    if (!this.#browser.isVisible()) return;
    const now_ms = Date.now();
    const unseen_ms = now_ms - this.#seenAt_ms;
    this.#seenAt_ms = now_ms;
    if (!this.#socket) return;
    const silent_ms = now_ms - this.#heardAt_ms;
    const waiting = this.#socket.readyState === WebSocket.CONNECTING;
    if (unseen_ms > UNSEEN_MS) this.#renew();
    else if (
      waiting ? silent_ms > CONNECTS_WITHIN_MS : this.#somethingMoves && silent_ms > SILENCE_WHILE_MOVING_MS
    )
      this.#giveUp();
    else if (silent_ms > SILENCE_MS) void this.#askWhetherThere();
  }

  async #askWhetherThere(): Promise<void> {
    const asked = this.#socket;
    const answer = await this.#ask();
    if (asked !== this.#socket || answer === "asked_already") return;
    this.#heardAt_ms = Date.now();
    if (answer === "nobody") this.#giveUp();
  }

  /** The connection is dead, though the browser holds it open. */
  #giveUp(): void {
    this.#close();
    this.#lost(null);
  }

  /** Makes the connection anew at once; what is known stays until the state comes. */
  #renew(): void {
    this.#tries = 0;
    this.#close();
    this.#open();
  }

  #open(): void {
    this.#heardAt_ms = Date.now();
    this.#somethingMoves = false;
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
      if (socket === this.#socket) this.#lost(code);
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
    this.#heardAt_ms = Date.now();
    if (message.kind === "state") this.#somethingMoves = message.state.snapshot.moving.length > 0;
    if (message.kind === "snapshot") this.#somethingMoves = message.snapshot.moving.length > 0;
    this.#tries = 0;
    this.#tell("open");
    for (const listener of this.#listeners) listener.message(message);
  }

  #lost(code: number | null): void {
    this.#socket = null;
    if (this.#listeners.size === 0) return;
    if (code === CLOSED_UNAUTHORIZED) {
      this.#tell("unauthorized");
      return;
    }
    // One that is not signed in is not told that it is lost before that is known.
    if (this.#connection !== "unauthorized") this.#tell("lost");
    const wait_ms = WAITS_MS[Math.min(this.#tries, WAITS_MS.length - 1)];
    this.#tries++;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#open();
    }, wait_ms);
    void this.#learnWhy();
  }

  /** A browser does not say why a WebSocket was refused; a plain request does. */
  async #learnWhy(): Promise<void> {
    const answer = await this.#ask();
    if (this.#listeners.size === 0 || this.#connection === "open") return;
    if (answer === "refused") {
      this.#close();
      this.#tell("unauthorized");
    } else if (answer !== "asked_already") this.#tell("lost");
  }

  async #ask(): Promise<"refused" | "somebody" | "nobody" | "asked_already"> {
    if (this.#asking) return "asked_already";
    this.#asking = true;
    try {
      const response = await this.#browser.fetch("/api/events", {
        method: "GET",
        credentials: "same-origin",
        signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      });
      return response.status === 401 ? "refused" : "somebody";
    } catch {
      return "nobody";
    } finally {
      this.#asking = false;
    }
  }

  #visibilityChanged(): void {
    const looking = this.#browser.isVisible();
    this.#say({ kind: "look", looking });
    const unseen_ms = Date.now() - this.#seenAt_ms;
    this.#seenAt_ms = Date.now();
    // Somebody is back: no reason to wait any longer, and one may have signed in meanwhile.
    if (looking && (this.#retry || this.#connection === "unauthorized" || unseen_ms > UNSEEN_MS))
      this.#renew();
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
