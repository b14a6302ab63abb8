/** Wings swept back to both sides. */
const WINGS =
  "M1.5 3C8 4.1 13.2 7.5 15.1 13.1 15.6 14.5 15.9 15.7 16 17.1 16.1 15.7 16.4 14.5 16.9 13.1 18.8 7.5 24 4.1 30.5 3 29.6 10.8 26 15.9 20.5 17.6L16 20 11.5 17.6C6 15.9 2.4 10.8 1.5 3Z";
/** The head, which falls first. */
const HEAD = "M12 19.7 16 21.8 20 19.7 16 31Z";

interface MarkProps {
  /** In pixels; left out where the class says it. */
  size?: number;
  /** A gannet's head is golden; `plain` is for where one colour must do. */
  head?: "gold" | "plain";
  className?: string;
}

/** The mark: a gannet that has folded itself and dives. The same paths are in `public/icon.svg`. */
export function Mark({ size, head = "gold", className }: MarkProps) {
  return (
    <svg
      viewBox="0 0 32 32"
      {...(size === undefined ? {} : { width: size, height: size })}
      fill="currentColor"
      aria-hidden
      className={className}
    >
      <path d={WINGS} />
      <path d={HEAD} className={head === "gold" ? "fill-gold" : undefined} />
    </svg>
  );
}
