import { useRef } from "react";

/** What stood there last: a switch that is turned off and on again loses nothing that was made by hand. */
export function useLast<T>(value: T | null): T | null {
  const last = useRef(value);
  if (value !== null) last.current = value;
  return last.current;
}
