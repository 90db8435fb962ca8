import { join } from "node:path";

/** The script of the server that takes its time; its options are `LatencyOptions`. */
export const LATENCY_SERVER: string = join(import.meta.dirname, "latency-server-process.ts");
