import type { Article, Subject } from "./article.ts";
import { readClause, writeClause, type Clause } from "./clause.ts";
import { questionsOf } from "./question-rules.ts";
import { shorten, withoutAsides } from "./sentences.ts";

/** A question that a text answers, and its answer. */
export interface QuestionPair {
  readonly question: string;
  readonly answer: string;
}

interface Candidate extends QuestionPair {
  /** Whether the question was made from the sentence's grammar. */
  readonly fits: boolean;
}

const MAX_SENTENCES = 40;
const MAX_SENTENCE = 1_000;
const MAX_ANSWER = 280;

/** If there are fewer pairs than this, more questions are made from the same sentences. */
const FEW = 3;

/** Questions that only ask what the text says about something are added up to this number of pairs. */
const ENOUGH = 5;

/** Makes questions and answers from a text, in its order; no two questions are the same. */
export function questionPairs(article: Article): QuestionPair[] {
  const asked = new Set<string>();
  const candidates: Candidate[] = [];
  const add = (candidate: Candidate | undefined): void => {
    if (candidate === undefined || asked.has(candidate.question.toLowerCase())) return;
    asked.add(candidate.question.toLowerCase());
    candidates.push(candidate);
  };
  const sentences = article.sentences.slice(0, MAX_SENTENCES);
  for (let before = -1; candidates.length < FEW && before < candidates.length;) {
    before = candidates.length;
    askSentences(sentences, article, asked, add);
  }
  let room = ENOUGH - candidates.filter(({ fits }) => fits).length;
  return candidates
    .filter(({ fits }) => fits || room-- > 0)
    .map(({ question, answer }) => ({ question, answer }));
}

function askSentences(
  sentences: readonly string[],
  article: Article,
  asked: ReadonlySet<string>,
  add: (candidate: Candidate | undefined) => void,
): void {
  let pronounIsMain = true;
  for (const [index, sentence] of sentences.entries()) {
    if (sentence.length > MAX_SENTENCE) continue;
    const plain = withoutAsides(sentence);
    const clause = readClause(plain, article, pronounIsMain);
    add(ask(clause, plain, article.subject, asked));
    if (index === 0) lifeDates(article).forEach(add);
    // After a sentence about someone else, "he" may mean that person.
    pronounIsMain = clause === undefined || clause.isMain || /'s | of /.test(clause.subject);
  }
}

function ask(
  clause: Clause | undefined,
  plain: string,
  subject: Subject | undefined,
  asked: ReadonlySet<string>,
): Candidate | undefined {
  const isUnclear =
    clause === undefined && /^(?:He|She|It|They|This|These|His|Her|Its|Their|I|We|You)\b/.test(plain);
  if (isUnclear || plain.length < 12 || plain.endsWith("?")) return undefined;
  const answer = shortenAnswer(clause === undefined ? plain : writeClause(clause));
  for (const question of clause === undefined ? [] : questionsOf(clause, asked.size === 0))
    if (!asked.has(question.toLowerCase())) return { question, answer, fits: true };
  const topics = [
    topicOf(plain, subject),
    clause?.isMain === false ? clause.subject : undefined,
    subject?.name,
  ];
  for (const topic of topics) {
    const question = `What does the text say about ${topic}?`;
    if (topic !== undefined && !asked.has(question.toLowerCase())) return { question, answer, fits: false };
  }
  return undefined;
}

const MONTHS = /^(?:January|February|March|April|May|June|July|August|September|October|November|December)$/;

/** Finds a name in a sentence that is not the subject of the whole text. */
function topicOf(plain: string, subject: Subject | undefined): string | undefined {
  const names = plain.matchAll(
    /(?<=[\p{Ll}\d,] )(?<!\bas )((?:the (?:\d{4} )?)?\p{Lu}[\p{L}'’-]+(?: (?:of the |of |de |von |van )?\p{Lu}[\p{L}'’-]+){0,4})(?=[,;.]|$| (?:in|on|at|of|and|or|by|for|from|to|with|is|was|as|who|which|that|were|are|has|had|but|when|where|while|during|after|before)\b)/gu,
  );
  for (const { 1: name = "" } of names) {
    const bare = name.replace(/^the /, "");
    const isSubject = subject !== undefined && (subject.name.includes(bare) || bare.includes(subject.name));
    if (!isSubject && bare.length > 2 && !MONTHS.test(bare) && !/['’]s$/.test(bare)) return name;
  }
  return undefined;
}

const DATE = "(?:[A-Z][a-z]+ \\d{1,2}, \\d{3,4}|\\d{1,2} [A-Z][a-z]+ \\d{3,4}|\\d{3,4})";
const LIFE = new RegExp(`(?:^|[;,] |born |b\\. )(${DATE})(?: ?[–—-] ?(${DATE}))?$`);

/** Makes questions about the dates in parentheses after a person's name. */
function lifeDates({ subject, aside }: Article): Candidate[] {
  const [, born, died] = LIFE.exec(aside.trim()) ?? [];
  if (subject === undefined || !subject.isPerson || born === undefined) return [];
  const { name } = subject;
  const birth = { question: `When was ${name} born?`, answer: `${name} was born ${on(born)}.`, fits: true };
  if (died === undefined) return [birth];
  return [birth, { question: `When did ${name} die?`, answer: `${name} died ${on(died)}.`, fits: true }];
}

function on(date: string): string {
  return `${date.includes(" ") ? "on" : "in"} ${date}`;
}

/** Cuts a text after a whole clause if enough of it is left, else after a whole word. */
function shortenAnswer(text: string): string {
  if (text.length <= MAX_ANSWER) return text;
  const cut = text.slice(0, MAX_ANSWER);
  const ends = ["; ", ", which ", ", and ", ", who ", ", but "].map((joint) => cut.lastIndexOf(joint));
  const end = Math.max(...ends);
  return end > MAX_ANSWER / 3 ? `${cut.slice(0, end)}.` : shorten(text, MAX_ANSWER);
}
