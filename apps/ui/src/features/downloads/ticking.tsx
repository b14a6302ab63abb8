import { useLayoutEffect, useRef } from "react";
import { type EngineState, useEngine } from "@/stores/engine";

/** Something that ticks: what of the store it is, and how that reads. */
export interface Figure<Value> {
  value(state: EngineState): Value;
  words(value: Value): string;
}

/**
 * A text that ticks. Four times a second each row of the list has other figures: they are written into their places one by
 * one, and nothing is rendered for them. The figure must be the same object for as long as it means the same.
 */
export function Ticking<Value extends string | number | null>({
  figure,
  className,
}: {
  figure: Figure<Value>;
  className?: string;
}) {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const text = new Text();
    place.current?.replaceChildren(text);
    let shown: Value | undefined;
    const show = (state: EngineState) => {
      const value = figure.value(state);
      if (value === shown) return;
      shown = value;
      const words = figure.words(value);
      if (words !== text.data) text.data = words;
    };
    show(useEngine.getState());
    return useEngine.subscribe(show);
  }, [figure]);
  return <span ref={place} className={className} />;
}
