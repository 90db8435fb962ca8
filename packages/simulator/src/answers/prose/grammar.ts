import { baseOfPast } from "./verbs.ts";

const MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)";
const DAY = `(?:${MONTH} \\d{1,2}(?:, \\d{3,4})?|\\d{1,2} ${MONTH}(?: \\d{3,4})?)`;
const YEAR = `(?:(?:early|mid|late|spring|summer|autumn|fall|winter) |${MONTH} )?\\d{3,4}(?: (?:BCE?|AD|CE))?`;
const AGE = "the (?:early |mid-|late )?(?:\\d{1,2}(?:st|nd|rd|th) century|\\d{3,4}s)(?: BCE?)?";
const POINT = `(?:${DAY}|${YEAR}|${AGE})`;

const TIME = new RegExp(
  `,? (?:from ${POINT} (?:to|until|through) |between ${POINT} and |(since) |(until) |(?:in|on|during|around|about) )${POINT}(?![\\w-])`,
);

/** Finds a date or a period in a text, with the space before it; `undefined` if there is none. */
export function findTime(
  text: string,
): { readonly start: number; readonly asks: "When" | "Since when" | "Until when" } | undefined {
  const time = TIME.exec(text);
  if (time === null) return undefined;
  const asks = time[1] !== undefined ? "Since when" : time[2] !== undefined ? "Until when" : "When";
  return { start: time.index, asks };
}

const PLACE = new RegExp(` (?:in|at|near|on|along) (?:the )?(?:[a-z]+ of )?(?!${MONTH}\\b|World War)[A-Z]`);

/** The position of a named place in a text; -1 if there is none. */
export function findPlace(text: string): number {
  return text.search(PLACE);
}

/** Words of clauses that make more than one statement or refer to other sentences. */
const JOINT =
  /[;:—–"“”]|, (?![A-Z])|\b(?:but|or|which|who|whom|whose|that|while|when|where|because|although|though|after|before|he|she|it|they|his|her|its|their|not|also|however|aged)\b/;

/** Whether a text can be part of a question unchanged. */
export function isSimple(text: string, maxWords = 14): boolean {
  return (
    text !== "" &&
    text.split(" ").length <= maxWords &&
    !JOINT.test(text) &&
    !/ and [a-z]+(?:ed|s)\b/.test(text)
  );
}

const AUXILIARY = /^(is|was|are|were|has|have|had|can|could|will|would|must|may|might) (.+)$/;

/** Makes a question: `When`, `George Washington`, `published a book` → `When did George Washington publish a book?`. */
export function invert(word: string, subject: string, predicate: string): string | undefined {
  const [, auxiliary, rest] = AUXILIARY.exec(predicate) ?? [];
  // In "had three sons" the verb is not an auxiliary, in "had been king" it is.
  const isVerb =
    auxiliary?.startsWith("ha") === true &&
    !/^(?:\w+ly )?(?:been|\w+ed|become|won|taken|made|held)\b/.test(rest ?? "");
  if (auxiliary !== undefined && !isVerb) return `${word} ${auxiliary} ${subject} ${rest}?`;
  const [verb = "", ...others] = predicate.split(" ");
  const base = verb === "had" ? "have" : baseOfPast(verb);
  return base === undefined ? undefined : `${[word, "did", subject, base, ...others].join(" ")}?`;
}

/** Verbs in the present tense that describe a thing and are followed by an object. */
const PRESENT =
  /^(consist of|include|contain|comprise|feature|produce|use|require|cover|employ|provide|offer|feed on|prey on|eat|mean|refer to|involve|describe|measure|convert|connect|separate|depend on|cause|protect|regulate|carry|store|absorb|release|form|support|attract|house|belong to|live in|live on)\b/;

const ADVERB =
  /\b(?:mainly|primarily|mostly|largely|typically|usually|generally|often|also|commonly|still|now) /;

/** The base form of the verb of a predicate in the present tense: `consists of …` → `consist of`. */
export function presentVerb(predicate: string): string | undefined {
  const plain = predicate.replace(ADVERB, "");
  const base = plain.replace(/^([a-z]+)(?:ies|s)\b/, (word, stem: string) =>
    word.endsWith("ies") ? `${stem}y` : stem,
  );
  return PRESENT.exec(base)?.[1] ?? PRESENT.exec(plain)?.[1];
}

/** Whether a text begins like a predicate from which questions can be made. */
export function isPredicate(text: string): boolean {
  if (/^(?:is|was|are|were|has|have|had) /.test(text) || presentVerb(text) !== undefined) return true;
  const [, verb = "", next = ""] = /^([a-z]+) (\S+)/.exec(text) ?? [];
  // In "The tower designed by …" the verb comes later.
  return next !== "by" && baseOfPast(verb) !== undefined;
}
