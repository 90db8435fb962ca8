import type { Job, JobTask } from "./job.ts";
import { watchProcess } from "../watch-process.ts";

/**
 * The side of a job's process that works: takes a task per message and answers with what it took, until the parent
 * disconnects.
 */
export function serveJob(job: Job): void {
  process.on("message", (task: JobTask) => {
    measure(job, task).then(
      (figures) => process.send?.(figures),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  // Agents keep sockets open, and with them the process.
  process.on("disconnect", () => process.exit());
  process.send?.({});
}

async function measure(job: Job, task: JobTask): Promise<object> {
  const samples: number[] = [];
  const sampling =
    task.sampleEveryMs === undefined
      ? undefined
      : setInterval(() => samples.push(process.memoryUsage.rss()), task.sampleEveryMs);
  const figuresOf = watchProcess();
  await job(task);
  const figures = figuresOf();
  clearInterval(sampling);
  return { ...figures, samples };
}
