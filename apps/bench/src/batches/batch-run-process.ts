/** Runs rows through batches: `node batch-run-process.ts`. */
import { completionStream, jsonlSource, openai, promptStream } from "parallel-parrot";
import { PROMPT, type Job } from "../jobs/job.ts";
import { serveJob } from "../jobs/serve-job.ts";

const job: Job = async ({ input, baseUrl, journal = "", rows = 0 }) => {
  const stage = completionStream(openai({ model: "bench", baseUrl, apiKey: "bench-key" }), {
    journal,
    batch: { tail: 0 },
  });
  await jsonlSource(input)
    .pipeThrough(promptStream(`${PROMPT}\${text}`))
    .pipeThrough(stage)
    .pipeTo(new WritableStream());
  const { completed, failed } = stage.progress();
  if (completed !== rows || failed > 0)
    throw new Error(`${completed} of ${rows} rows completed, ${failed} failed`);
};

serveJob(job);
