const MAX_LENGTH = 64;
const MAX_SUGGESTIONS = 3;

/** The candidates that `name` may have been meant to be, nearest first. */
export function nearestNames(name: string, candidates: readonly string[]): readonly string[] {
  const wanted = normalize(name);
  if (wanted.length > MAX_LENGTH) return [];
  const mostEdits = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  const near: { candidate: string; edits: number }[] = [];
  for (const candidate of candidates) {
    const other = normalize(candidate);
    if (Math.abs(other.length - wanted.length) > mostEdits) continue;
    const edits = editDistance(wanted, other);
    if (edits <= mostEdits) near.push({ candidate, edits });
  }
  return near
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
}

/** Case, spaces and the way words are joined are what people get wrong most. */
function normalize(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, "");
}

/** Levenshtein's distance, where swapping two neighbours is one edit, as in `naem` for `name`. */
function editDistance(a: string, b: string): number {
  let beforePrevious: readonly number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? (beforePrevious[j - 2] ?? 0) + 1 : Infinity;
      current.push(Math.min(substitution, swap, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
