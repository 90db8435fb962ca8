/** One chain of stages in a process of its own: `node chain-process.ts CHAIN`. */
import { serveJob } from "../jobs/serve-job.ts";
import { CHAINS, isChainName } from "./chains.ts";

const [, , name = ""] = process.argv;
if (!isChainName(name)) throw new Error(`There is no chain "${name}"`);
serveJob(CHAINS[name]);
