import type { Candidate, Duplicate, RequestOptions } from "@/generated";
import { kindOf } from "./catalogue";
import { nameOf } from "./commands";

const MOST_LINKS = 10_000;

const NOTHING_SAID: RequestOptions = {
  headers: [],
  cookies: null,
  referer: null,
  credentials: null,
  proxy: null,
  user_agent: null,
};

/** What the real engine finds in a pasted text, nearly: one address a line, `[01-20]` and `{a,b}` patterns. */
export function readLinks(text: string, duplicateOf: (url: string) => Duplicate | null): Candidate[] {
  return text
    .split(/\s+/)
    .filter((word) => word.length > 0)
    .flatMap(expand)
    .slice(0, MOST_LINKS)
    .map((word): Candidate => {
      if (!/^https?:\/\/[^/]+/i.test(word))
        return {
          kind: "refused",
          text: word.slice(0, 200),
          failure: {
            code: "invalid_request",
            message: "This is not an http or https address.",
            remedy: null,
          },
        };
      const name = nameOf(word);
      return {
        kind: "link",
        link: {
          url: word,
          mirrors: [],
          name,
          given_name: null,
          length: null,
          file_kind: kindOf(name),
          checksums: [],
          pieces: null,
          options: NOTHING_SAID,
          duplicate: duplicateOf(word),
        },
      };
    });
}

function expand(word: string): string[] {
  const numbers = /\[(\d+)-(\d+)\]/.exec(word);
  if (numbers) {
    const [pattern, from = "0", to = "0"] = numbers;
    const count = Math.min(MOST_LINKS, Number(to) - Number(from) + 1);
    return Array.from({ length: Math.max(0, count) }, (_, step) =>
      word.replace(pattern, String(Number(from) + step).padStart(from.length, "0")),
    ).flatMap(expand);
  }
  const choices = /\{([^{}]+)\}/.exec(word);
  if (choices) {
    const [pattern, list = ""] = choices;
    return list
      .split(",")
      .map((choice) => word.replace(pattern, choice))
      .flatMap(expand);
  }
  return [word];
}
