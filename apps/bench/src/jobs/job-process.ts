/**
 * One job in a process of its own, kept warm from slice to slice: `node job-process.ts JOB`. Takes a task per
 * message and answers with what it took.
 */
import { isJobName, JOBS } from "./jobs.ts";
import type { JobTask } from "./job.ts";

const [, , name = ""] = process.argv;
if (!isJobName(name)) throw new Error(`There is no job "${name}"`);
const job = await JOBS[name].load();

async function measure(task: JobTask): Promise<object> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await job(task);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000, peakRssMb: process.resourceUsage().maxRSS / 1024 };
}

process.on("message", (task: JobTask) => {
  measure(task).then(
    (figures) => process.send?.(figures),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
// Agents keep sockets open, and with them the process.
process.on("disconnect", () => process.exit());
process.send?.({});
