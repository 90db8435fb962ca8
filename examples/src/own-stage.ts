/** A stage of one's own between ours: short reviews are not worth a request. */
import { csvSource, openai, pipeline, text } from "parallel-parrot";
import { onlyLongStream } from "./only-long-stream.ts";

const summaries = csvSource(new URL("../data/reviews.csv", import.meta.url))
  .pipeThrough(onlyLongStream("review", 100))
  .pipeThrough(
    pipeline({
      provider: openai({ model: "gpt-4.1-mini" }),
      prompt: "Summarise in one short sentence: ${review}",
      output: text("summary"),
    }),
  );
for await (const { id, summary } of summaries) console.log(id, summary);
