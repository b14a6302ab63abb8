import type { FailureCode, Reply } from "@/generated";

/** What a transport answers where the way itself failed. */
export function failed(code: FailureCode, message: string): Reply {
  return { kind: "failed", failure: { code, message, remedy: null } };
}

/** Whether something that came from outside is a reply. */
export function isReply(value: unknown): value is Reply {
  return typeof value === "object" && value !== null && "kind" in value;
}
