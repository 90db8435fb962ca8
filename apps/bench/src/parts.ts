import type { BenchContext } from "./bench-context.ts";
import type { PartName } from "./bench-options.ts";
import { batches } from "./batches/batches.ts";
import { copies } from "./copies/copies.ts";
import { journal } from "./journal/journal.ts";
import { limits } from "./limits/limits.ts";
import { makespan } from "./makespan/makespan.ts";
import { memory } from "./memory/memory.ts";
import { rebuild } from "./rebuild/rebuild.ts";
import type { Report } from "./report.ts";
import { startup } from "./startup.ts";
import { stages } from "./stages/stages.ts";
import { throughput } from "./throughput/throughput.ts";

interface Part {
  readonly title: string;
  run(context: BenchContext): Promise<Report>;
}

/** The parts of the bench. */
export const PARTS: Readonly<Record<PartName, Part>> = {
  throughput: { title: "Throughput", run: throughput },
  makespan: { title: "Time to finish, and many in flight", run: makespan },
  memory: { title: "Memory against rows", run: memory },
  stages: { title: "Cost per stage", run: stages },
  journal: { title: "The journal", run: journal },
  rebuild: { title: "An output written again from the journal", run: rebuild },
  batches: { title: "Through batches", run: batches },
  copies: { title: "Rows from file to file", run: copies },
  limits: { title: "Use of rate limits", run: limits },
  startup: { title: "Start of the command line", run: startup },
};
