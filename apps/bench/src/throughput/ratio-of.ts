import type { JobName } from "../jobs/jobs.ts";
import { median, quantile } from "../quantile.ts";
import type { Rounds, Slice } from "./measure-throughput.ts";

/** The median of a ratio over the rounds, and its quartiles. */
interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** How many times as much one job reached as another, by what `measure` tells of a slice. */
export function ratioOf(
  rounds: Rounds,
  name: JobName,
  reference: JobName,
  measure: (slice: Slice) => number,
): Ratio | undefined {
  const ratios = rounds.flatMap((round) => {
    const [own, other] = [round.get(name), round.get(reference)];
    return own === undefined || other === undefined ? [] : [measure(own) / measure(other)];
  });
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}

export function rowsPerSecond({ rows, ms }: Slice): number {
  return (rows / ms) * 1000;
}

export function rowsPerCpuSecond({ rows, cpuMs }: Slice): number {
  return (rows / cpuMs) * 1000;
}
