import { availableParallelism, cpus, totalmem } from "node:os";

/** The machine in one line: figures mean nothing without it. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores of ${model}, ${gib} GiB, ${process.platform}, Node.js ${process.versions.node}`;
}
