/** Gannet's mark: a bird that dives. It takes the colour of the words around it. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={className} fill="currentColor">
      <path d="M1.5 3.2c4.6.3 7.9 2.2 9.3 5.6l.5 4.4-2.7-1.5C4.500 10.700 2.100 7.700 1.500 3.200Z" />
      <path d="M22.500 3.200c-4.600.3-7.900 2.200-9.300 5.600l-.5 4.400 2.700-1.500c4.100-1 6.500-4 7.100-8.500Z" />
      <path d="M9.300 13.100 12 14.500l2.700-1.400L12 22.800Z" className="text-gold" fill="currentColor" />
    </svg>
  );
}
