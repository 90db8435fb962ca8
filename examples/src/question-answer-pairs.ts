/** Question and answer pairs from articles: one article in, several rows out. */
import { generateData, listOf, openai } from "parallel-parrot";

const articles = [
  {
    name: "George Washington",
    text: "George Washington was the first president of the United States. He was born in Virginia in 1732.",
  },
  {
    name: "John Adams",
    text: "John Adams was the second president of the United States. He was born in Massachusetts in 1735.",
  },
];

// #region ask
const { rows, failures } = await generateData(articles, {
  provider: openai({ model: "gpt-4.1-mini" }),
  prompt: "Write question and answer pairs about ${name}:\n\n${text}",
  output: listOf(["question", "answer"]),
});

for (const { name, question, answer } of rows) console.log(`${name} | ${question} | ${answer}`);
for (const { row, failure } of failures) console.error(`${row.name} failed: ${failure.message}`);
// #endregion ask
