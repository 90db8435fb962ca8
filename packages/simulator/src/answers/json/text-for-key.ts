import type { Content } from "../prose/content.ts";
import { hidePersonalData } from "../prose/hide-personal-data.ts";

/** The words of a key in lower case: `["full", "name"]` for `fullName` and for `full_name`. */
export function wordsOf(key: string): string[] {
  return key
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

type Writer = (content: Content, index: number) => string;

const question: Writer = (content, index) => content.pair(index).question;
const answer: Writer = (content, index) => content.pair(index).answer;
const name: Writer = (content, index) => content.name(index);
const sentence: Writer = (content, index) => content.sentence(index);
const keyword: Writer = (content, index) => content.keyword(index);

const WRITERS: ReadonlyMap<string, Writer> = new Map([
  ...entries("question q query prompt instruction", question),
  ...entries("answer a response completion output reply", answer),
  ...entries("title headline heading", (content) => content.title()),
  ...entries("summary abstract description overview tldr gist", (content, index) => content.summary(index)),
  ...entries("sentiment polarity tone mood", (content) => content.sentiment()),
  ...entries(
    "name entity person author character organization organisation company place location city country subject",
    name,
  ),
  ...entries("keyword tag topic category keyphrase term concept", keyword),
  ...entries(
    "text sentence quote fact statement claim evidence passage snippet extract point detail",
    sentence,
  ),
  ...entries(
    "explanation reason rationale justification reasoning why",
    (content, index) => `The text says: ${content.sentence(index)}`,
  ),
  ...entries("redacted anonymized anonymised", ({ document }) => hidePersonalData(document)),
  ...entries("language lang", () => "English"),
  ...entries("year", (content) => String(content.year())),
  ...entries("date day", (content) => `${content.year()}-01-01`),
  ...entries("email", () => "name@example.com"),
  ...entries("url uri link website", () => "https://example.com/"),
  ...entries("id identifier key", (_, index) => `item-${index + 1}`),
]);

function entries(words: string, writer: Writer): (readonly [string, Writer])[] {
  return words.split(" ").map((word) => [word, writer]);
}

/**
 * Makes a sensible text for a key.
 *
 * @param index the position in the list that the text is in
 */
export function textForKey(key: string, content: Content, index: number): string {
  // The last word says what a key is: "first_name" is a name. Vague words such as the last of "question_text" do not.
  const words = wordsOf(key);
  for (const word of words.toReversed()) {
    const writer = WRITERS.get(word) ?? WRITERS.get(word.replace(/s$/, ""));
    if (writer === undefined) continue;
    const isVague = word === "text" || word === "id" || word === "key";
    if (!isVague || words.length === 1) return writer(content, index);
  }
  const vague = words.map((word) => WRITERS.get(word)).find((writer) => writer !== undefined);
  return (vague ?? sentence)(content, index);
}
