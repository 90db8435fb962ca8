import { splitSentences, withoutAsides } from "./sentences.ts";

/** The subject of a text. */
export interface Subject {
  /** Its name as it is written within a sentence: `George Washington`, `the Eiffel Tower`, `photosynthesis`. */
  readonly name: string;
  /** The words with which sentences about it may begin, the longest first. */
  readonly mentions: readonly string[];
  readonly pronoun: "He" | "She" | "It" | "They";
  readonly isPerson: boolean;
  readonly isPlural: boolean;
}

/** The parts of a text. */
export interface Article {
  /** The heading, if the text begins with one. */
  readonly title: string | undefined;
  /** The sentences in their order, unchanged. */
  readonly sentences: readonly string[];
  readonly subject: Subject | undefined;
  /** The words in parentheses in the first sentence, such as a person's dates. */
  readonly aside: string;
}

/** The most characters of a text in which the use of a word is looked up. */
const SEARCHED = 4_000;

/** Words at the beginning of a sentence that are not names. */
const NOT_A_NAME =
  /^(?:It|He|She|They|This|These|That|Those|There|Here|What|Who|Some|Many|Most|Several|Other|Others|Another|One|Each|Both|All|His|Her|Its|Their|My|Our|Your|I|We|You|In|On|At|By|As|After|Before|During|Since|When|While|Although|Because|If|With|From|For|To|Of|And|But|Or|Not|No|Until|Under|Through|Between|Despite|According|Like|Unlike)\b/;

/** Finds the heading, the sentences and the subject of a text. */
export function readArticle(document: string): Article {
  const { title, body } = splitTitle(document);
  const sentences = splitSentences(body);
  const first = sentences[0] ?? "";
  const aside = /\(([^()]*(?:\([^()]*\)[^()]*)*)\)/.exec(first)?.[1] ?? "";
  const subject = findSubject(withoutAsides(first), aside, title, body.slice(0, SEARCHED));
  return { title, sentences, subject, aside };
}

function splitTitle(document: string): { title: string | undefined; body: string } {
  const text = document.trim();
  const end = text.indexOf("\n");
  const line = end === -1 ? "" : text.slice(0, end);
  const title = line.replace(/^#+\s*|^title:\s*/i, "").trim();
  const isTitle = title !== "" && title.length <= 80 && !/[.!?:;,]$/.test(title);
  return isTitle ? { title, body: text.slice(end).trim() } : { title: undefined, body: text };
}

function findSubject(
  sentence: string,
  aside: string,
  title: string | undefined,
  text: string,
): Subject | undefined {
  const copula = / (is|was|are|were) /.exec(sentence);
  const lead = copula === null ? "" : (sentence.slice(0, copula.index).split(",")[0] ?? "").trim();
  const isNamed = lead !== "" && lead.split(" ").length <= 8 && !NOT_A_NAME.test(lead);
  const phrase = isNamed ? lead : title;
  if (phrase === undefined) return undefined;
  const predicate = copula === null ? "" : sentence.slice(copula.index + copula[0].length);
  const name = inSentence(phrase, text);
  const pronoun = /(?:^|[.!?,]\s+)(he|she|it)\b/i.exec(text)?.[1]?.toLowerCase();
  const lastName = name.split(" ").at(-1) ?? "";
  const wasBorn = isBorn(aside, predicate) || text.includes(`${lastName} was born `);
  const isPerson = startsUpper(name) && (wasBorn || pronoun === "he" || pronoun === "she");
  const isPlural = copula?.[1] === "are" || copula?.[1] === "were";
  return {
    name,
    mentions: [capitalize(name), ...shorterMentions(name, predicate, isPerson)],
    pronoun: isPerson ? (pronoun === "she" ? "She" : "He") : isPlural ? "They" : "It",
    isPerson,
    isPlural,
  };
}

function isBorn(aside: string, predicate: string): boolean {
  if (/^born\b/.test(predicate)) return true;
  return /\bborn\b|\d{3,4} ?[–—-] ?[^)]*\d{3,4}/.test(aside) && /^(?:an?|the|one)\b/.test(predicate);
}

/** Other words with which a sentence about the subject may begin: a surname, or `The tower` for the Eiffel Tower. */
function shorterMentions(name: string, predicate: string, isPerson: boolean): string[] {
  if (isPerson) {
    const surname =
      name
        .replace(/,? (?:Jr\.?|Sr\.?|[IVX]+)$/, "")
        .split(" ")
        .at(-1) ?? "";
    return name.includes(" ") && startsUpper(surname) ? [surname] : [];
  }
  const [noun = ""] = predicate
    .split(/[,.;]| (?:in|on|of|that|which|who|by|for|from|at|located|with|used|to|between|where|native)\b/)
    .slice(0, 1);
  const kind = /^(?:an?|the) (?:.* )?([a-z-]+)$/.exec(noun)?.[1];
  return kind === undefined ? [] : [`The ${kind}`];
}

/** Whether a phrase at the beginning of a sentence can be a name. */
export function isNameLike(phrase: string): boolean {
  return startsUpper(phrase) && !NOT_A_NAME.test(phrase);
}

/** Writes the beginning of a sentence as within a sentence: names keep their capital letter, other words lose it. */
export function inSentence(phrase: string, text: string): string {
  const [first = ""] = phrase.split(" ", 1);
  if (/^(?:The|An?)$/.test(first)) return lowerFirst(phrase);
  const stem = lowerFirst(first).replace(/s$/, "");
  const isWord =
    stem.length > 2 && new RegExp(`[\\p{L},;] ${escapeRegExp(stem)}(?:s|es)?\\b`, "u").test(text);
  return isWord ? lowerFirst(phrase) : phrase;
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function startsUpper(text: string): boolean {
  return /^\p{Lu}/u.test(text);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
