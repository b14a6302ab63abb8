/**
 * How well a name answers what is typed; none where it does not. All letters must come in order; the start of the
 * name counts most, then starts of words, then letters that stand together.
 */
export function rank(typed: string, name: string): number | null {
  const wanted = fold(typed).replace(/\s+/g, "");
  if (wanted === "") return 0;
  const text = fold(name);
  const whole = text.indexOf(fold(typed).trim());
  if (whole === 0) return 1000 - text.length;
  if (whole > 0) return (isWordStart(text, whole) ? 700 : 500) - whole;
  let at = -1;
  let score = 0;
  for (const letter of wanted) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    score += next === at + 1 ? 3 : isWordStart(text, next) ? 2 : 0;
    at = next;
  }
  // Letters strewn over a long name are chance.
  return score >= wanted.length ? score : null;
}

function isWordStart(text: string, place: number): boolean {
  return place === 0 || /[\s\-_.:/]/.test(text[place - 1] ?? "");
}

/** Without case and accents: "İNDİR", "indir" and "ındır" are the same to a hurried hand. */
function fold(text: string): string {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ı", "i");
}
