import type { Job } from "./job.ts";
import type { JobProcess } from "./start-job.ts";

/** What is known of a way to do the job. */
export interface JobEntry {
  /** What a reader calls it. */
  readonly title: string;
  /** A process loads its own job only. */
  load?(): Promise<Job>;
  /** Starts what does not run on Node.js. */
  start?(): Promise<JobProcess>;
  /** The format of its input and output. @default "jsonl" */
  readonly format?: "csv" | "parquet";
}

export type JobName =
  | "request"
  | "request-p-map"
  | "socket"
  | "dispatch"
  | "composed"
  | "pipeline"
  | "journal"
  | "csv"
  | "parquet"
  | "fetch"
  | "openai"
  | "ai"
  | "langchain"
  | "ancestor";

export const JOBS: Readonly<Record<JobName, JobEntry>> = {
  request: {
    title: "bare loop of `undici.request` and `JSON.parse`",
    load: async () => (await import("./request-loop.ts")).requestLoop,
  },
  "request-p-map": {
    title: "bare loop of `undici.request` with p-map",
    load: async () => (await import("./request-p-map.ts")).requestPMap,
  },
  socket: {
    title: "bare loop on sockets, the floor of Node.js",
    load: async () => (await import("./socket-loop.ts")).socketLoop,
  },
  dispatch: {
    title: "bare loop on undici's `dispatch`, the floor",
    load: async () => (await import("./dispatch-loop.ts")).dispatchLoop,
  },
  composed: {
    title: "parallel-parrot, five composed stages",
    load: async () => (await import("./composed-stages.ts")).composedStages,
  },
  pipeline: {
    title: "parallel-parrot, one call",
    load: async () => (await import("./front-door.ts")).frontDoor,
  },
  journal: {
    title: "parallel-parrot, one call with a journal",
    load: async () => (await import("./front-door.ts")).journaledFrontDoor,
  },
  csv: {
    title: "parallel-parrot, one call, CSV to CSV",
    load: async () => (await import("./front-door.ts")).frontDoor,
    format: "csv",
  },
  parquet: {
    title: "parallel-parrot, one call, Parquet to Parquet",
    load: async () => (await import("./front-door.ts")).frontDoor,
    format: "parquet",
  },
  fetch: {
    title: "`fetch` and p-limit",
    load: async () => (await import("./fetch-p-limit.ts")).fetchPLimit,
  },
  openai: {
    title: "openai SDK and p-map",
    load: async () => (await import("./openai-sdk.ts")).openaiSdk,
  },
  ai: {
    title: "AI SDK and p-limit",
    load: async () => (await import("./ai-sdk.ts")).aiSdk,
  },
  langchain: {
    title: "LangChain.js `batch`",
    load: async () => (await import("./langchain.ts")).langchain,
  },
  ancestor: {
    title: "Python package parallel-parrot 0.9.0",
    start: async () => await (await import("./start-ancestor.ts")).startAncestor(),
  },
};

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}
