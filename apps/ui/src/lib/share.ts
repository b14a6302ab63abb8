/** Whether two values, as JSON brings them, say the same. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isCompound(one) || !isCompound(other)) return false;
  if (Array.isArray(one))
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((part, place) => isSame(part, other[place]))
    );
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => isSame(one[name], other[name]));
}

/** The newer value, made of the older one's parts where these say the same: who shows such a part need not look again. */
export function shared<T>(before: T, next: T): T {
  if (before === next || !isCompound(before) || !isCompound(next)) return next;
  if (isSame(before, next)) return before;
  if (Array.isArray(next)) return next.map((part, place) => shared(before[place], part)) as T;
  return Object.fromEntries(
    Object.entries(next).map(([name, part]) => [name, shared(before[name], part)]),
  ) as T;
}

function isCompound(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}
