import type { OpenJob } from "./jobs/open-job.ts";

/** How far the jobs of a run are; a snapshot. */
export interface BatchProgress {
  /** Whether the run makes jobs. Otherwise its rows wait for those that earlier runs have left open. */
  readonly makesJobs: boolean;
  /** The jobs that are not in the journal yet, oldest first. */
  readonly jobs: readonly JobProgress[];
  /** Jobs that are done with. */
  readonly closed: number;
  /** Requests that are gathered and in no job yet. */
  readonly collected: number;
  /** Requests that went into jobs. */
  readonly submitted: number;
  /** Of those, the requests whose answers or refusals are in the journal. */
  readonly answered: number;
  /** Of those, the requests that came back without an answer, and are asked again. */
  readonly lost: number;
  /** What these jobs cost so far, in US dollars; `undefined` where the price is not known. It is part of the run's cost. */
  readonly cost: number | undefined;
  /** When a job is looked at next, in milliseconds since 1970; `undefined` where none is waited for. */
  readonly looksAt: number | undefined;
  /** When the first of the jobs expires, in milliseconds since 1970, as far as that is told. */
  readonly expiresAt: number | undefined;
}

/** One job of a run. */
export interface JobProgress {
  /** Its number in the journal. */
  readonly id: number;
  /** The id that the provider has given it; `undefined` until it is made. */
  readonly remote: string | undefined;
  /** The provider's own word for its state, or how far it is while it is made. */
  readonly state: string;
  readonly requests: number;
  /** Requests that are done, as far as the provider tells. */
  readonly done: number | undefined;
  /** Times in milliseconds since 1970. */
  readonly sentAt: number | undefined;
  readonly expiresAt: number | undefined;
  /** What it waits for before it is made. */
  readonly heldBackBy: "queue" | undefined;
}

export function jobProgress({ id, stored, view, heldBackBy }: OpenJob): JobProgress {
  const { remote, state, requests, sentAt, expiresAt } = stored;
  const { succeeded, failed = 0, total = 0 } = view ?? {};
  return {
    id,
    remote,
    state: view?.state ?? state,
    requests,
    done: succeeded === undefined || total === 0 ? undefined : succeeded + failed,
    sentAt,
    expiresAt,
    heldBackBy,
  };
}

/** The jobs at several providers as those of one run. */
export function sumOfBatches(parts: readonly BatchProgress[]): BatchProgress {
  const total = (value: (part: BatchProgress) => number): number =>
    parts.reduce((sum, part) => sum + value(part), 0);
  return {
    makesJobs: parts.some(({ makesJobs }) => makesJobs),
    jobs: parts.flatMap(({ jobs }) => jobs).toSorted((one, other) => one.id - other.id),
    closed: total(({ closed }) => closed),
    collected: total(({ collected }) => collected),
    submitted: total(({ submitted }) => submitted),
    answered: total(({ answered }) => answered),
    lost: total(({ lost }) => lost),
    cost: parts.some(({ cost }) => cost === undefined) ? undefined : total(({ cost = 0 }) => cost),
    looksAt: leastOf(parts.map(({ looksAt }) => looksAt)),
    expiresAt: leastOf(parts.map(({ expiresAt }) => expiresAt)),
  };
}

/** The least of those that are known. */
export function leastOf(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
