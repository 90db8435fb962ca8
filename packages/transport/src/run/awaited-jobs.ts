import { addUsage, type Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { ResolvedOptions } from "../options.ts";
import type { CompletionProgress } from "../progress.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import type { Signals } from "../waiting/signals.ts";

/** The jobs that rows of a run wait for. */
export interface AwaitedJobs {
  /** The usage of what they have answered. */
  readonly usage: Usage;
  progress(): NonNullable<CompletionProgress["batch"]>;
  /** Resolves when nothing of them goes on any more, once all rows are done with or the run is stopping. */
  close(): Promise<void>;
}

/** What jobs are waited for with. */
export interface AwaitingParts {
  /** Those of the run, to which its requests go unless they are in a job. */
  readonly senders: readonly RequestSender[];
  readonly options: ResolvedOptions;
  readonly signals: Signals;
  /** Is told why nothing more is to be asked. */
  readonly onFailure: (reason: Error) => void;
}

/** Has rows of a run wait for jobs that earlier runs have left open; `undefined` where there are none. */
export type AwaitJobs = (run: JournalRun, parts: AwaitingParts) => Promise<AwaitedJobs | undefined>;

/** What a run took with its jobs, of what it took directly. */
export function withJobs(
  { usage, cost }: Pick<CompletionProgress, "usage" | "cost">,
  jobs: Pick<AwaitedJobs, "usage" | "progress"> | undefined,
): Pick<CompletionProgress, "usage" | "cost" | "batch"> {
  const batch = jobs?.progress();
  return {
    usage: jobs === undefined ? usage : addUsage(usage, jobs.usage),
    cost: cost === undefined ? undefined : cost + (batch?.cost ?? 0),
    batch,
  };
}
