/** One job in a process of its own, kept warm from slice to slice: `node job-process.ts JOB`. */
import { isJobName, JOBS } from "./jobs.ts";
import { serveJob } from "./serve-job.ts";

const [, , name = ""] = process.argv;
const job = isJobName(name) ? await JOBS[name].load?.() : undefined;
if (job === undefined) throw new Error(`There is no job "${name}" that runs here`);
serveJob(job);
