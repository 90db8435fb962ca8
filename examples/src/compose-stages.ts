/**
 * Stages composed in code: articles in, question/answer rows out.
 *
 *     OPENAI_API_KEY=… node examples/src/compose-stages.ts pairs.csv
 */
import {
  completionStream,
  csvSink,
  explodeStream,
  jsonlSource,
  listOf,
  openai,
  parseStream,
  promptStream,
} from "parallel-parrot";
import { z } from "zod";

const [, , outputFile = "pairs.csv"] = process.argv;
const articles = new URL("../data/articles.jsonl", import.meta.url);
// #region stages
const pairs = listOf(z.object({ question: z.string(), answer: z.string() }));

await jsonlSource(articles)
  .pipeThrough(promptStream("Write question and answer pairs about this text:\n\n${text}"))
  .pipeThrough(completionStream(openai({ model: "gpt-4.1-mini" }), { output: pairs }))
  .pipeThrough(parseStream(pairs))
  .pipeThrough(explodeStream({ keep: ["title"] }))
  .pipeTo(csvSink(outputFile, { overwrite: true }));
// #endregion stages
