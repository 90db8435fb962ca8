/** The sentiment of a text. */
export type Sentiment = "positive" | "negative" | "neutral";

const POSITIVE = wordSet(
  "good great excellent amazing wonderful fantastic love loved loves like liked enjoy enjoyed best better happy " +
    "pleased perfect recommend recommended beautiful brilliant superb awesome delightful impressive fun friendly " +
    "helpful comfortable fast easy nice favorite favourite masterpiece outstanding charming satisfied thank thanks " +
    "delicious gorgeous stunning touching hilarious thrilled glad success successful win winning",
);

const NEGATIVE = wordSet(
  "bad terrible awful horrible hate hated hates worst worse poor disappointing disappointed disappointment boring " +
    "dull broken waste wasted sad angry annoying useless ugly slow difficult rude dirty mess stupid fail failed " +
    "fails failure problem problems weak cheap ridiculous unfortunately refund never-again mediocre overpriced " +
    "uncomfortable painful pathetic lame disgusting unhelpful cold late crash crashes crashed",
);

const NEGATION = wordSet(
  "not no never hardly without isn't wasn't don't didn't doesn't can't couldn't won't nothing",
);

/** The most words of a text that are read. */
const MAX_WORDS = 2_000;

/** From −1 for only negative to 1 for only positive words; a negation before a word reverses it. */
export function scoreSentiment(text: string): number {
  let positive = 0;
  let negative = 0;
  let negatedFor = 0;
  for (const [word] of text
    .toLowerCase()
    .matchAll(/[a-z][a-z'’-]*/g)
    .take(MAX_WORDS)) {
    const plain = word.replace("’", "'");
    const value = POSITIVE.has(plain) ? 1 : NEGATIVE.has(plain) ? -1 : 0;
    const turned = negatedFor > 0 ? -value : value;
    if (turned > 0) positive += 1;
    if (turned < 0) negative += 1;
    negatedFor = NEGATION.has(plain) ? 3 : negatedFor - 1;
  }
  const total = positive + negative;
  return total === 0 ? 0 : (positive - negative) / total;
}

/** Judges the sentiment of a text by a small list of words. */
export function judgeSentiment(text: string): Sentiment {
  const score = scoreSentiment(text);
  if (score > 0.2) return "positive";
  return score < -0.2 ? "negative" : "neutral";
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}
