import type { Content } from "./content.ts";
import { hidePersonalData } from "./hide-personal-data.ts";

interface Task {
  readonly asks: RegExp;
  readonly write: (content: Content, instructions: string, index: number) => string;
}

/** The tasks in the order in which they are looked for in the instructions. */
const TASKS: readonly Task[] = [
  {
    asks: /\b(?:redact|anonymi[sz]e|pii|de-identify|personal(?:ly)? (?:data|information|identif\w+|details))/i,
    write: ({ document }) => hidePersonalData(document),
  },
  { asks: /\bsentiment\b|\bpositive\b[^.]{0,40}\bnegative\b/i, write: writeSentiment },
  {
    asks: /\bquestions?\b[^.]{0,80}\banswers?\b/i,
    write: (content, _, index) =>
      Array.from({ length: Math.min(3, content.pairCount) }, (_, number) => content.pair(index + number))
        .map(({ question, answer }) => `Q: ${question}\nA: ${answer}`)
        .join("\n\n"),
  },
  {
    asks: /\bsummar|\btl;?dr\b|\babstract\b|\bone sentence\b|\bshorten/i,
    write: (content, _, index) => content.summary(index),
  },
  { asks: /\btitle\b|\bheadline\b/i, write: (content) => content.title() },
  {
    asks: /\bkeywords?\b|\btags?\b|\btopics?\b/i,
    write: (content, _, index) => [0, 1, 2].map((number) => content.keyword(index + number)).join(", "),
  },
  { asks: /\bquestion\b/i, write: (content, _, index) => content.pair(index).question },
];

/** Writes an answer in words for the task in the instructions; an extract of the document if there is none. */
export function writeText(content: Content, instructions: string, index: number): string {
  const task = TASKS.find(({ asks }) => asks.test(instructions));
  return task === undefined ? content.sentence(index) : task.write(content, instructions, index);
}

/** The word for the sentiment, one that the instructions offer and as they spell it. */
function writeSentiment(content: Content, instructions: string): string {
  const spelled = (word: string): string | undefined =>
    new RegExp(`\\b${word}\\b`, "i").exec(instructions)?.[0];
  const sentiment = content.sentiment();
  const offersBoth = spelled("positive") !== undefined && spelled("negative") !== undefined;
  const offersNeutral = spelled("neutral") !== undefined || !offersBoth;
  const forced = content.sentimentScore() < 0 ? "negative" : "positive";
  const word = sentiment === "neutral" && !offersNeutral ? forced : sentiment;
  return spelled(word) ?? word;
}
