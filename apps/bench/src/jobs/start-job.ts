import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CERTIFICATE } from "../servers/certificate.ts";
import type { JobTask } from "./job.ts";

/** What a slice took. */
export interface SliceFigures {
  readonly ms: number;
  /** User and system time of the whole process, garbage collection included. */
  readonly cpuMs: number;
  /** Of the process since its start. */
  readonly peakRssMb: number;
  /** Of the event loop, in milliseconds. */
  readonly delayP99: number;
  readonly delayMax: number;
  /** Resident memory in bytes at even intervals, where the task asks for it. */
  readonly samples?: readonly number[];
}

/** A job's process, ready for slices. */
export interface JobProcess {
  run(task: JobTask): Promise<SliceFigures>;
  stop(): Promise<void>;
}

/** The script that runs the jobs of this folder. */
export const JOB_PROCESS: string = join(import.meta.dirname, "job-process.ts");

/** Starts the process of a job: a script that takes its name and calls `serveJob`. */
export async function startJob(
  script: string,
  name: string,
  flags: readonly string[] = [],
): Promise<JobProcess> {
  const child = fork(script, [name], {
    execArgv: [...process.execArgv, ...flags],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: CERTIFICATE },
  });
  const exit = once(child, "exit");
  const nextMessage = async (): Promise<SliceFigures & { readonly error?: string }> => {
    const [message] = await Promise.race([
      once(child, "message"),
      exit.then(([code, signal]) =>
        Promise.reject(new Error(`The job ${name} ended with ${code ?? signal}`)),
      ),
    ]);
    return message;
  };
  await nextMessage();
  return {
    async run(task) {
      const next = nextMessage();
      child.send(task);
      const figures = await next;
      if (figures.error !== undefined) throw new Error(`The job ${name} failed: ${figures.error}`);
      return figures;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exit;
    },
  };
}
