export { workerAt } from "./geometry";
export { type Lit, type MapSample, RangeMap } from "./range-map";
export { toneOf } from "./tone";
