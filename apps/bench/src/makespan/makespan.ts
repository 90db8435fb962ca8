import type { BenchContext } from "../bench-context.ts";
import type { Report } from "../report.ts";
import { heavyTail } from "./heavy-tail.ts";
import { manyInFlight } from "./many-in-flight.ts";

/** How long a run takes when answers take long: under a heavy tail, and with thousands in flight. */
export async function makespan(context: BenchContext): Promise<Report> {
  const reports = [await heavyTail(context), await manyInFlight(context)];
  return {
    tables: reports.flatMap(({ tables }) => tables),
    goals: reports.flatMap(({ goals }) => goals),
    notes: reports.flatMap(({ notes }) => notes),
  };
}
