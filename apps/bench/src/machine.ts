import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** The machine in one line, and how busy it is already: figures mean nothing without it. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const gib = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1) ?? "unknown";
  return `${availableParallelism()} cores of ${model}, ${gib} GiB, ${process.platform}, Node.js ${process.versions.node}, load ${load} before the run`;
}
