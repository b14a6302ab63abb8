import { type ComponentType, createElement, type JSX, useEffect, useState } from "react";

/** A part of the page that is loaded when it is first wanted. */
export interface Late<Props> {
  /** Draws it, and nothing until it is there. Where it does not come it throws a `NotLoaded`, for a boundary around it. */
  (props: Props): JSX.Element | null;
  /** Loads it while nobody waits for it. What does not come is asked for again when it is wanted. */
  preload(): void;
}

/** The file that a part of the page is in did not come: the program was quit, or another version of it answers. */
export class NotLoaded extends Error {
  override name = "NotLoaded";
}

/**
 * What React's own `lazy` does not do: a part that did not come is asked for anew when it is next drawn, and one that is
 * there already is drawn at once.
 */
export function late<Props extends object>(load: () => Promise<ComponentType<Props>>): Late<Props> {
  let loaded: ComponentType<Props> | null = null;
  let coming: Promise<ComponentType<Props>> | null = null;

  const bring = (): Promise<ComponentType<Props>> => {
    coming ??= load().then(
      (part) => {
        loaded = part;
        return part;
      },
      (cause: unknown) => {
        coming = null;
        throw new NotLoaded("a part of the page did not come", { cause });
      },
    );
    return coming;
  };

  // biome-ignore lint/correctness/noComponentHookFactories: once for a part, where the module that names it is read
  const Part = (props: Props): JSX.Element | null => {
    const [part, setPart] = useState(() => loaded);
    const [failure, setFailure] = useState<unknown>(null);
    useEffect(() => {
      if (part) return;
      let wanted = true;
      bring().then(
        (came) => wanted && setPart(() => came),
        (reason: unknown) => wanted && setFailure(reason),
      );
      return () => {
        wanted = false;
      };
    }, [part]);
    if (failure) throw failure;
    return part && createElement(part, props);
  };

  return Object.assign(Part, { preload: () => void bring().catch(() => {}) });
}
