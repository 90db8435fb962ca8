/** A run that may be killed at any moment: run it again and it goes on where it was. */
import { csvSink, generateText, jsonlSource, openai } from "parallel-parrot";

// #region run
const run = generateText(jsonlSource(new URL("../data/articles.jsonl", import.meta.url)), {
  provider: openai({ model: "gpt-4.1-mini" }),
  prompt: "A headline for this article: ${text}",
  column: "headline",
  keep: ["title"],
  journal: "headlines.db",
});
await run.rows.pipeTo(
  csvSink("headlines.csv", { overwrite: true, partial: "headlines.partial.csv", replacePartial: true }),
);
// #endregion run

console.log(`${run.usage.requests} requests, ${run.reused} answers from the journal`);
