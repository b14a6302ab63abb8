/** What is wrong with what was typed: a key of the namespace `check`. `null` is nothing. */
export type Complaint =
  | "url"
  | "urlScheme"
  | "nameEmpty"
  | "nameSlash"
  | "nameReserved"
  | "nameLong"
  | "checksum"
  | "userAgent"
  | "header"
  | "headerOurs"
  | "proxy"
  | "tooLong"
  | "extension"
  | "past"
  | "empty";

const LONGEST_URL = 8_192;
const LONGEST_NAME_BYTES = 255;

const LONGEST_USER_AGENT = 500;

/** The engine's algorithms, and how many digits their digests have. */
const HEX_DIGITS: Record<string, number> = {
  md5: 32,
  "sha-1": 40,
  "sha-256": 64,
  "sha-512": 128,
  blake3: 64,
  crc32c: 8,
};

/** Those that a digest's length alone tells: nobody writes the others without their name. */
const TOLD_BY_LENGTH = ["md5", "sha-1", "sha-256", "sha-512"];

/** These the engine writes itself; another value would break what it does with ranges. */
const OUR_HEADERS = new Set([
  "host",
  "range",
  "if-range",
  "content-length",
  "connection",
  "transfer-encoding",
  "accept-encoding",
  "te",
  "upgrade",
]);

/** An address that can be fetched. */
export function checkUrl(text: string): Complaint | null {
  if (text.length > LONGEST_URL) return "tooLong";
  const url = parseUrl(text.trim());
  if (!url || url.hostname === "") return "url";
  return url.protocol === "http:" || url.protocol === "https:" ? null : "urlScheme";
}

/** A file's name: what every disk can hold. */
export function checkFileName(name: string): Complaint | null {
  if (name.trim() === "") return "nameEmpty";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what no name may hold
  if (/[/\\\u0000-\u001f]/.test(name)) return "nameSlash";
  if (name === "." || name === ".." || /[. ]$/.test(name)) return "nameReserved";
  if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)) return "nameReserved";
  return new TextEncoder().encode(name).length > LONGEST_NAME_BYTES ? "nameLong" : null;
}

/** A digest as the wire takes it, `sha-256:ab…`; it may be typed without the algorithm where its length tells that. */
export function readChecksum(text: string): string | null {
  const match = /^(?:([a-z][a-z0-9-]*)\s*[:=]\s*)?([0-9a-f]+)$/i.exec(text.trim());
  if (!match) return null;
  const digest = (match[2] ?? "").toLowerCase();
  const plain = (name: string) => name.toLowerCase().replaceAll("-", "");
  const named = match[1];
  const algorithm =
    named === undefined
      ? TOLD_BY_LENGTH.find((name) => HEX_DIGITS[name] === digest.length)
      : Object.keys(HEX_DIGITS).find((name) => plain(name) === plain(named));
  if (algorithm === undefined || HEX_DIGITS[algorithm] !== digest.length) return null;
  return `${algorithm}:${digest}`;
}

/** One or more digests, each on a line of its own. */
export function checkChecksums(text: string): Complaint | null {
  return linesOf(text).every((line) => readChecksum(line) !== null) ? null : "checksum";
}

/** Lines of `Name: value`. */
export function checkHeaders(text: string): Complaint | null {
  for (const line of linesOf(text)) {
    const header = readHeader(line);
    if (!header) return "header";
    if (OUR_HEADERS.has(header[0].toLowerCase())) return "headerOurs";
  }
  return null;
}

/** A header's name, which is an RFC 9110 token, and its value. */
export function readHeader(line: string): [string, string] | null {
  const match = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/.exec(line);
  if (!match?.[1]) return null;
  return [match[1], match[2] ?? ""];
}

/** Who asks, as servers are told it: printable ASCII. */
export function checkUserAgent(text: string): Complaint | null {
  if (text === "") return "userAgent";
  if (text.length > LONGEST_USER_AGENT) return "tooLong";
  return /^[ -~]+$/.test(text) ? null : "userAgent";
}

/** A proxy's address. */
export function checkProxy(text: string): Complaint | null {
  const url = parseUrl(text.trim());
  if (!url || url.hostname === "") return "proxy";
  return ["http:", "https:", "socks5:", "socks5h:"].includes(url.protocol) ? null : "proxy";
}

/** Addresses, each on a line of its own. */
export function checkUrls(text: string): Complaint | null {
  for (const line of linesOf(text)) {
    const complaint = checkUrl(line);
    if (complaint) return complaint;
  }
  return null;
}

/** A thing's name in a list: 1 to 60 characters. */
export function checkLabel(name: string): Complaint | null {
  if (name.trim() === "") return "empty";
  return [...name.trim()].length > 60 ? "tooLong" : null;
}

/** Extensions without dots, between spaces or commas. */
export function checkExtensions(text: string): Complaint | null {
  return readExtensions(text).every((extension) => /^[\p{L}\p{N}_+-]{1,16}$/u.test(extension))
    ? null
    : "extension";
}

/** The extensions in a text, lower case, each once. */
export function readExtensions(text: string): string[] {
  const words = text.split(/[\s,;]+/).map((word) => word.replace(/^\*?\./, "").toLowerCase());
  return [...new Set(words.filter((word) => word !== ""))];
}

/** Lines that are not empty, without the blanks around them. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function parseUrl(text: string): URL | null {
  // `new URL` forgives blanks that a server would not.
  return /\s/.test(text) || !URL.canParse(text) ? null : new URL(text);
}
