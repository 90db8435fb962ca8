import { capitalize, inSentence, isNameLike, type Article, type Subject } from "./article.ts";
import { isPredicate } from "./grammar.ts";

/** A sentence whose subject is known. */
export interface Clause {
  /**
   * The subject as within a sentence: `George Washington`, `the tower`. A pronoun is replaced by what it stands for.
   */
  readonly subject: string;
  readonly isPerson: boolean;
  readonly isPlural: boolean;
  /** Whether the subject is that of the whole text. */
  readonly isMain: boolean;
  /** The words after the subject, without the full stop: `was born in 1732 in Virginia`. */
  readonly predicate: string;
  /** The words before the subject: `In 1775`. */
  readonly opening: string | undefined;
}

const CONNECTIVE =
  /^(?:However|Moreover|Furthermore|Additionally|Later|Eventually|Subsequently|Then|Meanwhile|Nevertheless|Thus|Therefore|Finally|Initially|Originally|Today|Currently|Instead|Similarly|For example|As a result|In addition|Also),? /;

const MAX_OPENING = 90;
const MAX_SUBJECT_WORDS = 7;

/** Finds the subject of a sentence; `undefined` if it cannot be found. */
export function readClause(sentence: string, article: Article, pronounIsMain: boolean): Clause | undefined {
  const text = sentence.replace(CONNECTIVE, "").replace(/[.!?]["”']?$/, "");
  const { subject } = article;
  const whole = subject && findMain(capitalize(text), subject, pronounIsMain);
  if (whole !== undefined) return whole;
  const context = article.sentences.join(" ").slice(0, 4_000);
  return (subject && findAfterOpening(text, subject)) ?? findOther(capitalize(text), context);
}

/** Writes a clause as a sentence. */
export function writeClause({ opening, subject, predicate }: Clause): string {
  return `${opening === undefined ? capitalize(subject) : `${opening}, ${subject}`} ${predicate}.`;
}

function findMain(text: string, subject: Subject, pronounIsMain: boolean): Clause | undefined {
  const { name, mentions, pronoun, isPerson, isPlural } = subject;
  const mention = mentions.find((mention) => text.startsWith(`${mention} `));
  const start = mention ?? (pronounIsMain && text.startsWith(`${pronoun} `) ? pronoun : undefined);
  if (start === undefined) return findPossession(text, subject);
  const predicate = text.slice(start.length + 1);
  return { subject: name, isPerson, isPlural, isMain: true, predicate, opening: undefined };
}

const KIN =
  /\b(?:father|mother|wife|husband|brother|sister|son|daughter|parents|founder|author|teacher|successor|predecessor)$/;

/** Reads sentences such as `His father was …` or `Its construction was …`. */
function findPossession(text: string, { name, isPerson }: Subject): Clause | undefined {
  const [, what, who, verb, rest] =
    /^(?:His|Her|Its|Their) ((?:[a-z-]+ ){0,2}[a-z-]+)(?:, ([^,]+),)? (is|was|are|were) (.+)$/.exec(text) ??
    [];
  if (what === undefined) return undefined;
  return {
    subject: isPerson ? `${name}'s ${what}` : `the ${what} of ${name}`,
    isPerson: KIN.test(what),
    isPlural: verb === "are" || verb === "were",
    isMain: false,
    predicate: who === undefined ? `${verb} ${rest}` : `${verb} ${who}, ${rest}`,
    opening: undefined,
  };
}

/** Finds the subject after the first or second comma: `In 1775, he took command`. */
function findAfterOpening(text: string, subject: Subject): Clause | undefined {
  let comma = text.indexOf(", ");
  for (let number = 0; number < 2 && comma !== -1 && comma <= MAX_OPENING; number++) {
    const clause = findMain(capitalize(text.slice(comma + 2)), subject, true);
    if (clause?.isMain === true) return { ...clause, opening: text.slice(0, comma) };
    comma = text.indexOf(", ", comma + 2);
  }
  return undefined;
}

const LINK = /^(?:that|which|who|when|where|as|by|with|to|for|it|he|she|they|his|her|its|their|not|if)$/;

/** Reads a sentence about something else: its subject is the shortest beginning that a predicate follows. */
function findOther(text: string, context: string): Clause | undefined {
  if (!isNameLike(text)) return undefined;
  const words = text.split(" ");
  for (let count = 1; count <= Math.min(MAX_SUBJECT_WORDS, words.length - 2); count++) {
    if (LINK.test(words[count - 1] ?? "")) return undefined;
    const predicate = words.slice(count).join(" ");
    if (!isPredicate(predicate)) continue;
    const lead = words
      .slice(0, count)
      .join(" ")
      .replace(/ [a-z]+ly$/, "");
    if (/[,;:]|^(?:The|An?)$/.test(lead)) return undefined;
    const isPlural = /^(?:are|were|have)\b/.test(predicate);
    const subject = inSentence(lead, context);
    return { subject, isPerson: false, isPlural, isMain: false, predicate, opening: undefined };
  }
  return undefined;
}
