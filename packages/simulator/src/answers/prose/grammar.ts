import { baseOfPast } from "./verbs.ts";

const MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)";
const DAY = `(?:${MONTH} \\d{1,2}(?:, \\d{3,4})?|\\d{1,2} ${MONTH}(?: \\d{3,4})?)`;
const YEAR = `(?:(?:early|mid|late|spring|summer|autumn|fall|winter) |${MONTH} )?\\d{3,4}(?: (?:BCE?|AD|CE))?`;
const AGE = "the (?:early |mid-|late )?(?:\\d{1,2}(?:st|nd|rd|th) century|\\d{3,4}s)(?: BCE?)?";
const POINT = `(?:${DAY}|${YEAR}|${AGE})`;

const TIME = new RegExp(
  `,? (?:from ${POINT} (?:to|until|through) |between ${POINT} and |(since) |(until) |(?:in|on|during|around|about) )${POINT}(?![\\w-])`,
);

/** A date or a stretch of time in a text, the space before it included; `undefined` where there is none. */
export function findTime(
  text: string,
): { readonly start: number; readonly asks: "When" | "Since when" | "Until when" } | undefined {
  const time = TIME.exec(text);
  if (time === null) return undefined;
  const asks = time[1] !== undefined ? "Since when" : time[2] !== undefined ? "Until when" : "When";
  return { start: time.index, asks };
}

const PLACE = new RegExp(` (?:in|at|near|on|along) (?:the )?(?:[a-z]+ of )?(?!${MONTH}\\b|World War)[A-Z]`);

/** Where in a text a named place begins; -1 where there is none. */
export function findPlace(text: string): number {
  return text.search(PLACE);
}

/** What makes a clause more than one statement, or point outside itself. */
const JOINT =
  /[;:—–"“”]|, (?![A-Z])|\b(?:but|or|which|who|whom|whose|that|while|when|where|because|although|though|after|before|he|she|it|they|his|her|its|their|not|also|however|aged)\b/;

/** Whether a text can be part of a question as it stands. */
export function isSimple(text: string, maxWords = 14): boolean {
  return (
    text !== "" &&
    text.split(" ").length <= maxWords &&
    !JOINT.test(text) &&
    !/ and [a-z]+(?:ed|s)\b/.test(text)
  );
}

const AUXILIARY = /^(is|was|are|were|has|have|had|can|could|will|would|must|may|might) (.+)$/;

/** `When` + `George Washington` + `published a book` → `When did George Washington publish a book?`. */
export function invert(word: string, subject: string, predicate: string): string | undefined {
  const [, auxiliary, rest] = AUXILIARY.exec(predicate) ?? [];
  // "had three sons" is no auxiliary, "had been king" is.
  const isVerb =
    auxiliary?.startsWith("ha") === true &&
    !/^(?:\w+ly )?(?:been|\w+ed|become|won|taken|made|held)\b/.test(rest ?? "");
  if (auxiliary !== undefined && !isVerb) return `${word} ${auxiliary} ${subject} ${rest}?`;
  const [verb = "", ...others] = predicate.split(" ");
  const base = verb === "had" ? "have" : baseOfPast(verb);
  return base === undefined ? undefined : `${[word, "did", subject, base, ...others].join(" ")}?`;
}

/** Verbs of the present that say what a thing is like; the object follows. */
const PRESENT =
  /^(consist of|include|contain|comprise|feature|produce|use|require|cover|employ|provide|offer|feed on|prey on|eat|mean|refer to|involve|describe|measure|convert|connect|separate|depend on|cause|protect|regulate|carry|store|absorb|release|form|support|attract|house|belong to|live in|live on)\b/;

const ADVERB =
  /\b(?:mainly|primarily|mostly|largely|typically|usually|generally|often|also|commonly|still|now) /;

/** The verb of a present predicate in its base form: `consists of …` → `consist of`. */
export function presentVerb(predicate: string): string | undefined {
  const plain = predicate.replace(ADVERB, "");
  const base = plain.replace(/^([a-z]+)(?:ies|s)\b/, (word, stem: string) =>
    word.endsWith("ies") ? `${stem}y` : stem,
  );
  return PRESENT.exec(base)?.[1] ?? PRESENT.exec(plain)?.[1];
}

/** Whether a text begins as a predicate that questions can be made of. */
export function isPredicate(text: string): boolean {
  if (/^(?:is|was|are|were|has|have|had) /.test(text) || presentVerb(text) !== undefined) return true;
  const [, verb = "", next = ""] = /^([a-z]+) (\S+)/.exec(text) ?? [];
  // "The tower designed by …" has its verb further on.
  return next !== "by" && baseOfPast(verb) !== undefined;
}
