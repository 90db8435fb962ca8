/** The sentiment of product reviews: an array in, an array out. */
import { generateText, openai } from "parallel-parrot";

const reviews = [
  { product: "Kettle", review: "Boils in no time and pours without a drip. I love it." },
  { product: "Tent", review: "It leaked in the first rain. Very disappointing." },
  { product: "Lamp", review: "It is a lamp. It gives light." },
];

// #region ask
const { rows, usage } = await generateText(reviews, {
  provider: openai({ model: "gpt-4.1-mini" }),
  prompt:
    "What is the sentiment of this review of a ${product}? Answer positive, negative or neutral.\n\n${review}",
  column: "sentiment",
});

for (const { product, sentiment } of rows) console.log(`${product}: ${sentiment}`);
// #endregion ask
console.log(`${usage.requests} requests, ${usage.inputTokens + usage.outputTokens} tokens`);
