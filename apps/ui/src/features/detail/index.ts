import { late } from "@/lib/late";

/** Loaded when it is first opened. */
export const DetailPanel = late(async () => (await import("./panel")).DetailPanel);
