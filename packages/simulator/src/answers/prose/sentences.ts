/** The most characters of a document that are read. */
const MAX_DOCUMENT = 20_000;

const ABBREVIATIONS: ReadonlySet<string> = new Set(
  "mr mrs ms dr prof st sr jr mt ft lt col gen capt sgt rev hon vs etc approx no vol fig ca c b d r al inc ltd co corp e.g i.e u.s u.k u.s.a u.n a.m p.m jan feb mar apr jun jul aug sep sept oct nov dec".split(
    " ",
  ),
);

const BOUNDARY = /[.!?]["'”’)\]]*\s+(?=["'“‘([]*[\p{Lu}\p{N}])|[。！？]|\n{2,}/gu;

/** Splits a text into its sentences; a sentence has no line breaks. */
export function splitSentences(text: string): string[] {
  const source = text.slice(0, MAX_DOCUMENT);
  const sentences: string[] = [];
  let start = 0;
  const add = (end: number): void => {
    const sentence = source.slice(start, end).replaceAll(/\s+/g, " ").trim();
    if (sentence !== "") sentences.push(sentence);
    start = end;
  };
  for (const { index, 0: mark } of source.matchAll(BOUNDARY))
    if (!mark.startsWith(".") || !endsInAbbreviation(source.slice(Math.max(start, index - 12), index)))
      add(index + mark.length);
  add(source.length);
  return sentences;
}

function endsInAbbreviation(text: string): boolean {
  const word = /(?:^|[\s("“])([\p{L}.]+)$/u.exec(text)?.[1] ?? "";
  // A single capital letter is an initial: "J. Robert Oppenheimer".
  return ABBREVIATIONS.has(word.toLowerCase()) || /^\p{Lu}$/u.test(word);
}

/** Removes words in parentheses and the marks of footnotes from a sentence. */
export function withoutAsides(sentence: string): string {
  if (!/[([]/.test(sentence)) return sentence;
  let text = sentence.replaceAll(/\[[^\][]{0,40}\]/g, "");
  // Nested parentheses are removed from the inside out.
  for (let depth = 0; depth < 3; depth++) text = text.replaceAll(/(?<!\s)\s*\([^()]*\)/g, "");
  return text
    .replaceAll(/(?<!\s)\s+([,;.])/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Shortens a text to whole words, with an ellipsis if something is left out. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const cut = text.slice(0, maxLength - 1).toWellFormed();
  const space = cut.lastIndexOf(" ");
  return `${(space > maxLength / 2 ? cut.slice(0, space) : cut).replace(/(?<![\s,;:–—-])[\s,;:–—-]+$/, "")}…`;
}
