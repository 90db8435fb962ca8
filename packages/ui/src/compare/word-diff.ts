/** A part of a text: whether it is in both, was there before, or has come since. */
export interface DiffPart {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** The most pairs of words that are looked at; more of them differ as a whole. */
const MOST_PAIRS = 400_000;

/** What has changed from one text to another, by words. */
export function wordDiff(before: string, after: string): readonly DiffPart[] {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const parts: DiffPart[] = [];
  add(parts, "same", a.slice(0, start));
  middle(parts, a.slice(start, a.length - end), b.slice(start, b.length - end));
  add(parts, "same", a.slice(a.length - end));
  return parts;
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** Words between what both begin and end with: the longest words that both have in their order stay. */
function middle(parts: DiffPart[], a: readonly string[], b: readonly string[]): void {
  const width = b.length + 1;
  if (a.length * b.length > MOST_PAIRS || a.length === 0 || b.length === 0) {
    add(parts, "gone", a);
    add(parts, "new", b);
    return;
  }
  /** How many words from these two on can stay. */
  const stay = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => stay[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      stay[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add(parts, "same", a.slice(i, i + 1));
      i += 1;
      j += 1;
    } else if (j === b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      add(parts, "gone", a.slice(i, i + 1));
      i += 1;
    } else {
      add(parts, "new", b.slice(j, j + 1));
      j += 1;
    }
  }
}

function add(parts: DiffPart[], kind: DiffPart["kind"], words: readonly string[]): void {
  if (words.length === 0) return;
  const last = parts.at(-1);
  if (last?.kind === kind) parts[parts.length - 1] = { kind, text: last.text + words.join("") };
  else parts.push({ kind, text: words.join("") });
}
