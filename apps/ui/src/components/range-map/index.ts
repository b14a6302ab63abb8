export { workerAt } from "./geometry";
export type { Tone } from "./paint";
export { type Lit, type MapSample, RangeMap } from "./range-map";
