import type { Command, DownloadId, FailureCode, Message, Reply } from "@/generated";

/** How the page reaches the programs behind it. Each host of the page has one of these. */
export interface Transport {
  /** Asks for something; never rejects: what goes wrong on the way is a `failed` reply too. */
  execute(command: Command): Promise<Reply>;

  /** Listens to everything that changes, until the returned function is called. It finds a lost connection again. */
  subscribe(listener: TransportListener): Unsubscribe;

  /** Asks for the details of one download in each snapshot; `null` for none. */
  watch(id: DownloadId | null): void;

  /** What only a window on the person's own screen can do; none in a browser. */
  readonly desktop: Desktop | null;
}

/** What only a window on the person's own screen can do. Nothing of it ever rejects. */
export interface Desktop {
  /** Lets a folder be chosen in the system's dialog; files may be put beneath it from then on. */
  chooseFolder(start: string | null): Promise<Choice<string>>;

  /** Lets a name and a folder be chosen in the system's dialog. */
  saveAs(start: string | null, name: string): Promise<Choice<Target>>;

  /** Keeps the list in a file that is chosen in the system's dialog; says where that is. */
  saveList(): Promise<Choice<string>>;

  /** Hands the file of a download to the system. */
  hand(id: DownloadId, handing: Handing): Promise<Handed>;

  /** Whether the system says that it runs on its battery, and that its line is paid by what goes through. */
  readonly knowsPower: boolean;

  /**
   * Keeps what is typed for the page that comes after this one, which gets it back as an errand; nothing any more with
   * `null`. It is written nowhere.
   */
  keepDraft(draft: string | null): void;

  /** Closes the window; where there is a tray, what is at work goes on. */
  closeWindow(): Promise<void>;

  /** Closes the window where there is no tray, and lets everything go on; the next start of the program brings it back. */
  goOnWithoutWindow(): Promise<void>;

  /** Shows the page of the newer version that was told of. */
  showUpdate(): Promise<void>;

  /** What was copied; nothing where that is no text. */
  readClipboard(): Promise<string>;

  /** Copies a text; says whether that went well. */
  writeClipboard(text: string): Promise<boolean>;
}

/** What came of a dialog of the system. */
export type Choice<T> =
  | { kind: "chosen"; chosen: T }
  | { kind: "cancelled" }
  | { kind: "refused"; code: FailureCode };

/** A name for a file, and where it goes. */
export interface Target {
  folder: string;
  name: string;
  /** A file of this name is there, and the dialog asked whether it is to be replaced. */
  replaces: boolean;
}

/** What is to be done with a file: its own program opens it, another one does, or the file manager shows it. */
export type Handing = "open" | "open_with" | "show";

/** What became of it. `shown`: the system would have run it, so that it is shown in its folder instead of being opened. */
export type Handed = "done" | "shown" | "missing" | "refused";

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
