import type { Job } from "./job.ts";

/** What is known of a way to do the job. */
export interface JobEntry {
  /** What a reader calls it. */
  readonly title: string;
  /** A process loads its own job only. */
  load(): Promise<Job>;
  /** Rows of one slice: about half a second of work. */
  readonly sliceRows: number;
  readonly isOurs: boolean;
}

export type JobName = "request" | "request-p-map" | "dispatch" | "composed" | "pipeline";

export const JOBS: Readonly<Record<JobName, JobEntry>> = {
  request: {
    title: "bare loop of undici.request and JSON.parse",
    load: async () => (await import("./request-loop.ts")).requestLoop,
    sliceRows: 5000,
    isOurs: false,
  },
  "request-p-map": {
    title: "the same with p-map",
    load: async () => (await import("./request-p-map.ts")).requestPMap,
    sliceRows: 5000,
    isOurs: false,
  },
  dispatch: {
    title: "bare loop on undici's dispatch (the floor)",
    load: async () => (await import("./dispatch-loop.ts")).dispatchLoop,
    sliceRows: 5000,
    isOurs: false,
  },
  composed: {
    title: "parallel-parrot, five composed stages",
    load: async () => (await import("./composed-stages.ts")).composedStages,
    sliceRows: 5000,
    isOurs: true,
  },
  pipeline: {
    title: "parallel-parrot, one call",
    load: async () => (await import("./front-door.ts")).frontDoor,
    sliceRows: 5000,
    isOurs: true,
  },
};

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}
