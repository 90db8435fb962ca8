/** Runs of rows against a journal, answered at once or found in it: `node journaled-run-process.ts KIND`. */
import { completionStream, jsonlSource, openai, promptStream } from "parallel-parrot";
import { PROMPT, type Job } from "../jobs/job.ts";
import { serveJob } from "../jobs/serve-job.ts";
import { InstantDispatcher } from "../stages/instant-dispatcher.ts";

const CONCURRENCY = 1000;

const [, , kind = ""] = process.argv;
const provider = openai({ model: "bench", baseUrl: "http://127.0.0.1:9/v1", apiKey: "bench-key" });

const job: Job = async ({ input, journal }) => {
  const dispatcher = new InstantDispatcher();
  const options = { dispatcher, concurrency: CONCURRENCY };
  const stage = completionStream(provider, journal === undefined ? options : { ...options, journal });
  await jsonlSource(input)
    .pipeThrough(promptStream(`${PROMPT}\${text}`))
    .pipeThrough(stage)
    .pipeTo(new WritableStream());
  const { completed, reused } = stage.progress();
  const wanted = kind === "replay" ? completed : 0;
  if (reused !== wanted || completed === 0)
    throw new Error(`${completed} rows completed, ${reused} of them from the journal: wanted ${wanted}`);
};

serveJob(job);
