/** Fills a journal, or writes an output again from it: `node rebuild-process.ts JOB`. */
import { DatabaseSync } from "node:sqlite";
import { acceptPackets, Packet, PacketStream } from "@parallel-parrot/core";
import {
  completionStream,
  jsonlSink,
  jsonlSource,
  listOf,
  openai,
  pipeline,
  promptStream,
} from "parallel-parrot";
import { PROMPT, type InputRow, type Job } from "../jobs/job.ts";
import { serveJob } from "../jobs/serve-job.ts";
import { InstantDispatcher } from "../stages/instant-dispatcher.ts";
import { rowOf } from "../write-input.ts";

/** Rows or records that are handled at once. */
const BATCH = 256;

const [, , name = ""] = process.argv;
const prompt = `${PROMPT}\${text}`;
const output = listOf(["question", "answer"]);
const provider = openai({ model: "bench", baseUrl: "http://127.0.0.1:9/v1", apiKey: "bench-key" });

/** The floor: the records are read in the order in which they were kept, and nothing is done with them. */
const records: Job = ({ journal = "", rows }) => {
  const database = new DatabaseSync(journal, { readOnly: true });
  const read = database.prepare("SELECT * FROM answer WHERE id > ? ORDER BY id LIMIT ?");
  let count = 0;
  for (let last = 0; ; count += BATCH) {
    const batch = read.all(last, BATCH);
    if (batch.length < BATCH) {
      count += batch.length;
      break;
    }
    last = Number(batch.at(-1)?.["id"]);
  }
  database.close();
  requireAll(count, rows);
  return Promise.resolve();
};

/** The stage alone: rows that are made as they are asked for, and completions that are dropped. */
const stage: Job = async ({ journal = "", rows = 0 }) => {
  const completions = completionStream(provider, { journal, output });
  await madeRows(rows)
    .pipeThrough(promptStream(prompt))
    .pipeThrough(completions)
    .pipeTo(acceptPackets(new WritableStream()));
  requireAll(completions.progress().reused, rows);
};

/** From file to file. */
const library: Job = async (task) => {
  const run = pipeline({ provider, prompt, output, journal: task.journal ?? "" });
  await jsonlSource(task.input)
    .pipeThrough(run)
    .pipeTo(jsonlSink(task.output, { overwrite: true }));
  requireAll(run.reused, task.rows);
};

/** Keeps an answer to every row. */
const fill: Job = async ({ input, journal = "", rows }) => {
  const dispatcher = new InstantDispatcher();
  const completions = completionStream(provider, { journal, output, dispatcher, concurrency: 1000 });
  await jsonlSource(input)
    .pipeThrough(promptStream(prompt))
    .pipeThrough(completions)
    .pipeTo(new WritableStream());
  requireAll(completions.progress().completed, rows);
};

function madeRows(rows: number): ReadableStream<InputRow> {
  let next = 0;
  return new PacketStream(
    new ReadableStream<Packet<InputRow>>(
      {
        pull(controller) {
          const length = Math.min(BATCH, rows - next);
          if (length === 0) controller.close();
          else controller.enqueue(new Packet(Array.from({ length }, () => rowOf(next++))));
        },
      },
      { highWaterMark: 0 },
    ),
  );
}

function requireAll(count: number, rows: number | undefined): void {
  if (count !== rows) throw new Error(`Wanted ${rows} rows, got ${count}`);
}

const JOBS: Readonly<Record<string, Job>> = { fill, records, stage, library };
const job = JOBS[name];
if (job === undefined) throw new Error(`There is no job "${name}"`);
serveJob(job);
