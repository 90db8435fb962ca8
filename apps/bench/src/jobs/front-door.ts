import { jsonlSink, jsonlSource, listOf, openai, pipeline } from "parallel-parrot";
import { PROMPT, type JobTask } from "./job.ts";

/** The pipeline as one stage. */
export async function frontDoor(task: JobTask): Promise<void> {
  const { input, output, baseUrl, concurrency, order, requestsPerMinute } = task;
  const run = pipeline({
    provider: openai({ model: "bench", baseUrl, apiKey: "bench-key" }),
    prompt: `${PROMPT}\${text}`,
    output: listOf(["question", "answer"]),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(order === undefined ? {} : { order }),
    ...(requestsPerMinute === undefined ? {} : { limits: { requestsPerMinute } }),
  });
  await jsonlSource(input)
    .pipeThrough(run)
    .pipeTo(jsonlSink(output, { overwrite: true }));
  if (run.failedCount > 0) {
    throw new Error(`${run.failedCount} rows failed: ${run.failures[0]?.failure.message}`);
  }
}
