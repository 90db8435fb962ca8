import { rm } from "node:fs/promises";
import { listOf, openai, openSink, openSource, pipeline } from "parallel-parrot";
import { PROMPT, type JobTask } from "./job.ts";

/** The pipeline as one stage, from a file of rows to another in the formats that their names say. */
export async function frontDoor(task: JobTask): Promise<void> {
  const { input, output, baseUrl, concurrency, order, requestsPerMinute, journal } = task;
  const run = pipeline({
    provider: openai({ model: "bench", baseUrl, apiKey: "bench-key" }),
    prompt: `${PROMPT}\${text}`,
    output: listOf(["question", "answer"]),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(order === undefined ? {} : { order }),
    ...(requestsPerMinute === undefined ? {} : { limits: { requestsPerMinute } }),
    ...(journal === undefined ? {} : { journal }),
  });
  await openSource(input)
    .pipeThrough(run)
    .pipeTo(await openSink(output, { overwrite: true }));
  if (run.failedCount > 0) {
    throw new Error(`${run.failedCount} rows failed: ${run.failures[0]?.failure.message}`);
  }
}

/** The same with a journal, empty at the start, that keeps every answer. */
export async function journaledFrontDoor(task: JobTask): Promise<void> {
  const journal = `${task.output}.journal`;
  try {
    await frontDoor({ ...task, journal });
  } finally {
    await rm(journal, { recursive: true, force: true });
  }
}
