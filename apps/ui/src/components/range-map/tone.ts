import type { Row } from "@/generated";
import type { Tone } from "./paint";

/** The colour of what is there of a download. Words beside it say the same. */
export function toneOf(row: Row): Tone {
  switch (row.standing.kind) {
    case "probing":
    case "downloading":
    case "verifying":
      return "sea";
    case "finished":
      return row.missing ? "mist" : "kelp";
    case "failed":
      return "coral";
    default:
      return "mist";
  }
}
