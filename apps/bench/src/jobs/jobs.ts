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
  /** Rows of one slice: about half a second of work. */
  readonly sliceRows: number;
}

export type JobName =
  | "request"
  | "request-p-map"
  | "dispatch"
  | "composed"
  | "pipeline"
  | "fetch"
  | "openai"
  | "ai"
  | "langchain"
  | "ancestor";

export const JOBS: Readonly<Record<JobName, JobEntry>> = {
  request: {
    title: "bare loop of `undici.request` and `JSON.parse`",
    load: async () => (await import("./request-loop.ts")).requestLoop,
    sliceRows: 5000,
  },
  "request-p-map": {
    title: "bare loop of `undici.request` with p-map",
    load: async () => (await import("./request-p-map.ts")).requestPMap,
    sliceRows: 5000,
  },
  dispatch: {
    title: "bare loop on undici's `dispatch`, the floor",
    load: async () => (await import("./dispatch-loop.ts")).dispatchLoop,
    sliceRows: 5000,
  },
  composed: {
    title: "parallel-parrot, five composed stages",
    load: async () => (await import("./composed-stages.ts")).composedStages,
    sliceRows: 5000,
  },
  pipeline: {
    title: "parallel-parrot, one call",
    load: async () => (await import("./front-door.ts")).frontDoor,
    sliceRows: 5000,
  },
  fetch: {
    title: "`fetch` and p-limit",
    load: async () => (await import("./fetch-p-limit.ts")).fetchPLimit,
    sliceRows: 1500,
  },
  openai: {
    title: "openai SDK and p-map",
    load: async () => (await import("./openai-sdk.ts")).openaiSdk,
    sliceRows: 1000,
  },
  ai: {
    title: "AI SDK and p-limit",
    load: async () => (await import("./ai-sdk.ts")).aiSdk,
    sliceRows: 1000,
  },
  langchain: {
    title: "LangChain.js `batch`",
    load: async () => (await import("./langchain.ts")).langchain,
    sliceRows: 1000,
  },
  ancestor: {
    title: "Python package parallel-parrot 0.9.0",
    start: async () => await (await import("./start-ancestor.ts")).startAncestor(),
    sliceRows: 1000,
  },
};

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}
