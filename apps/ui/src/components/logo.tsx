interface MarkProps {
  /** In pixels. */
  size?: number;
  className?: string;
}

/** The mark: a gannet that has folded itself and dives. One colour, that of the text around it. */
export function Mark({ size = 20, className }: MarkProps) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} fill="currentColor" aria-hidden className={className}>
      <path d={MARK} />
    </svg>
  );
}

/** Wings swept back to both sides, the body between them falling to the bill. The same path is in `public/icon.svg`. */
const MARK =
  "M16 31 13.2 20.4C8.4 18.6 4.2 13.6 2 4.6 6.8 6.2 11.6 8.8 14.4 12.6L16 3l1.6 9.6C20.4 8.800 25.200 6.200 30 4.600 27.800 13.600 23.600 18.600 18.800 20.400Z";
