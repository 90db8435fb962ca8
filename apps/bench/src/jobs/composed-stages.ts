import {
  completionStream,
  explodeStream,
  jsonlSink,
  jsonlSource,
  listOf,
  openai,
  parseStream,
  promptStream,
} from "parallel-parrot";
import { PROMPT, type JobTask } from "./job.ts";

/** The pipeline as five stages that a user puts together. */
export async function composedStages({ input, output, baseUrl, concurrency = 64 }: JobTask): Promise<void> {
  const provider = openai({ model: "bench", baseUrl, apiKey: "bench-key" });
  const wanted = listOf(["question", "answer"]);
  await jsonlSource(input)
    .pipeThrough(promptStream(`${PROMPT}\${text}`))
    .pipeThrough(completionStream(provider, { output: wanted, concurrency }))
    .pipeThrough(parseStream(wanted))
    .pipeThrough(explodeStream())
    .pipeTo(jsonlSink(output, { overwrite: true }));
}
