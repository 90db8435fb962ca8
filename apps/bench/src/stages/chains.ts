import {
  completionStream,
  explodeStream,
  jsonlSink,
  jsonlSource,
  listOf,
  openai,
  parseStream,
  pipeline,
  promptStream,
} from "parallel-parrot";
import { PROMPT, type Job } from "../jobs/job.ts";
import { InstantDispatcher } from "./instant-dispatcher.ts";

const TEMPLATE = `${PROMPT}\${text}`;
const OPTIONS = { concurrency: 64, dispatcher: new InstantDispatcher() };
const provider = openai({ model: "bench", baseUrl: "http://127.0.0.1:9/v1", apiKey: "bench-key" });
const output = listOf(["question", "answer"]);

/** Takes chunks and drops them. */
function drain(): WritableStream<unknown> {
  return new WritableStream();
}

/** Chains that grow by one stage each, and the whole as one stage. */
export const CHAINS = {
  source: (task) => jsonlSource(task.input).pipeTo(drain()),
  prompt: (task) => jsonlSource(task.input).pipeThrough(promptStream(TEMPLATE)).pipeTo(drain()),
  completion: (task) =>
    jsonlSource(task.input)
      .pipeThrough(promptStream(TEMPLATE))
      .pipeThrough(completionStream(provider, { ...OPTIONS, output }))
      .pipeTo(drain()),
  parse: (task) =>
    jsonlSource(task.input)
      .pipeThrough(promptStream(TEMPLATE))
      .pipeThrough(completionStream(provider, { ...OPTIONS, output }))
      .pipeThrough(parseStream(output))
      .pipeTo(drain()),
  explode: (task) =>
    jsonlSource(task.input)
      .pipeThrough(promptStream(TEMPLATE))
      .pipeThrough(completionStream(provider, { ...OPTIONS, output }))
      .pipeThrough(parseStream(output))
      .pipeThrough(explodeStream())
      .pipeTo(drain()),
  sink: (task) =>
    jsonlSource(task.input)
      .pipeThrough(promptStream(TEMPLATE))
      .pipeThrough(completionStream(provider, { ...OPTIONS, output }))
      .pipeThrough(parseStream(output))
      .pipeThrough(explodeStream())
      .pipeTo(jsonlSink(task.output, { overwrite: true })),
  pipeline: (task) =>
    jsonlSource(task.input)
      .pipeThrough(pipeline({ ...OPTIONS, provider, prompt: TEMPLATE, output }))
      .pipeTo(jsonlSink(task.output, { overwrite: true })),
} as const satisfies Readonly<Record<string, Job>>;

export type ChainName = keyof typeof CHAINS;

export function isChainName(name: string): name is ChainName {
  return Object.hasOwn(CHAINS, name);
}
