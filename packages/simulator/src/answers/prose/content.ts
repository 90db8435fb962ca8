import { capitalize, readArticle, type Article } from "./article.ts";
import { questionPairs, type QuestionPair } from "./question-pairs.ts";
import { hashText } from "../../random.ts";
import { judgeSentiment, scoreSentiment, type Sentiment } from "./sentiment.ts";
import { shorten, withoutAsides } from "./sentences.ts";
import { findKeywords, findNames } from "./terms.ts";

const MAX_EXTRACT = 200;

/** What can be said about a document. Each part is computed when it is first needed. */
export class Content {
  readonly document: string;
  /** A number that depends only on the document. */
  readonly seed: number;
  #article: Article | undefined;
  #pairs: readonly QuestionPair[] | undefined;
  #names: readonly string[] | undefined;
  #keywords: readonly string[] | undefined;

  constructor(document: string) {
    this.document = document;
    this.seed = hashText(document);
  }

  get article(): Article {
    return (this.#article ??= readArticle(this.document));
  }

  /** A question and its answer. If the document has fewer pairs, one is made up, different from all others. */
  pair(index: number): QuestionPair {
    this.#pairs ??= questionPairs(this.article);
    const { length } = this.#pairs;
    const pair = this.#pairs[index];
    if (pair !== undefined) return pair;
    if (index === 0) return { question: "What does the text say?", answer: this.sentence(0) };
    const number = index - length + 1;
    return { question: `What does part ${number} of the text say?`, answer: this.sentence(number - 1) };
  }

  /** The number of pairs that follow from the document; at least 1. */
  get pairCount(): number {
    this.#pairs ??= questionPairs(this.article);
    return Math.max(1, this.#pairs.length);
  }

  /** A sentence, shortened. After the last one comes the first again. */
  sentence(index: number): string {
    const { sentences } = this.article;
    const sentence = sentences[index % Math.max(1, sentences.length)];
    return sentence === undefined ? "The text is empty." : shorten(withoutAsides(sentence), MAX_EXTRACT);
  }

  summary(index: number): string {
    const { sentences } = this.article;
    const first = this.sentence(0);
    if (sentences.length < 3 || index === 0) return first;
    return `${first} ${this.sentence(((index - 1) % (sentences.length - 1)) + 1)}`;
  }

  title(): string {
    const { title, subject } = this.article;
    return title ?? (subject === undefined ? shorten(this.sentence(0), 60) : capitalize(subject.name));
  }

  /** A name in the document. After the last one comes the first again. */
  name(index: number): string {
    this.#names ??= findNames(this.document);
    return this.#names[index % Math.max(1, this.#names.length)] ?? this.title();
  }

  /** One of the most frequent words. After the last one comes the first again. */
  keyword(index: number): string {
    this.#keywords ??= findKeywords(this.document);
    return this.#keywords[index % Math.max(1, this.#keywords.length)] ?? "text";
  }

  sentiment(): Sentiment {
    return judgeSentiment(this.document);
  }

  /** From −1 to 1. */
  sentimentScore(): number {
    return scoreSentiment(this.document);
  }

  /** The first year in the document. */
  year(): number {
    return Number(/\b(?:1\d|20)\d{2}\b/.exec(this.document)?.[0] ?? 2024);
  }
}
