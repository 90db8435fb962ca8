import { isNameLike } from "./article.ts";

const COMMON: ReadonlySet<string> = new Set(
  "about above after again also although among another because been before being between both could does doing down during each even every from further have having here hers himself however into itself just like many more most much must myself never only other ours over same should since some such than that their them then there these they this those through under until upon very were what when where which while whom whose will with would your".split(
    " ",
  ),
);

const MAX_LENGTH = 20_000;

/** Finds names in a text: sequences of capitalized words, except those that only begin a sentence. */
export function findNames(text: string): string[] {
  const names = new Set<string>();
  const runs = text
    .slice(0, MAX_LENGTH)
    .matchAll(/\p{Lu}[\p{L}'’-]+(?: (?:of |de |von |van |the )?\p{Lu}[\p{L}'’-]+){0,4}/gu);
  for (const { 0: run, index } of runs) {
    const name = run.replace(/^(?:The|An?) /, "").replace(/['’]s$/, "");
    const startsSentence = index === 0 || /[.!?]["”’)]*\s+$/.test(text.slice(Math.max(0, index - 4), index));
    const isName = isNameLike(name) && name.length > 2 && (!startsSentence || name.includes(" "));
    if (isName) names.add(name);
  }
  return [...names];
}

/** The most frequent words of a text without the most common words of English; ties in the order of the text. */
export function findKeywords(text: string): string[] {
  const counts = new Map<string, number>();
  for (const [word] of text
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .matchAll(/\p{L}{4,}/gu))
    if (!COMMON.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([word]) => word);
}
