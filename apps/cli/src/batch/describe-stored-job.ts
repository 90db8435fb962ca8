import { counted } from "@parallel-parrot/core";
import type { Origin, StoredJob } from "@parallel-parrot/journal";
import { formatDollars } from "@parallel-parrot/transport";
import { clockTime } from "../terminal/describe-wait.ts";

/** Who has made a job that is not the user's own, in words. */
const BY: Readonly<Record<Exclude<Origin, "own">, string>> = {
  foreign: "made by others, and not acted on",
  damaged: "changed or damaged, and not acted on",
};

const STATES: Readonly<Record<StoredJob["state"], string>> = {
  planned: "planned, and not made yet",
  uploaded: "uploaded, and not made yet",
  creating: "being made: whether it is there is found out by the next run",
  open: "open",
  cancelling: "cancelled, and not ended as far as is known",
  ended: "ended, and not collected yet",
  harvested: "collected",
  refused: "refused",
  abandoned: "given up",
};

const ENDS: ReadonlySet<StoredJob["state"]> = new Set(["harvested", "refused", "abandoned"]);

export function isOpen({ state }: StoredJob): boolean {
  return !ENDS.has(state);
}

/** A job of the journal in lines: what it is called here and at the provider, how far it is, and until when. */
export function describeStoredJob(job: StoredJob, now: Date = new Date()): readonly string[] {
  const { id, origin, state, remote, provider, model, run, requests, answers, cost, error } = job;
  const by = origin === "own" ? "" : `; ${BY[origin]}`;
  const kept = answers === 0 ? "" : `, ${counted(answers, "answer")} kept`;
  const paid = cost === 0 ? "" : ` for ${formatDollars(cost)}`;
  return [
    `${id}  ${[STATES[state], ...timesOf(job, now)].join(", ")}${by}`,
    `   ${remote ?? "no id yet"} at ${provider} (${model}), of run ${run}: ${counted(requests, "request")}${kept}${paid}`,
    ...(error === undefined ? [] : [`   ${error}`]),
  ];
}

function timesOf(job: StoredJob, now: Date): readonly string[] {
  const { sentAt, expiresAt, createdAt } = job;
  const since = `since ${clockTime(new Date(sentAt ?? createdAt), now)}`;
  if (!isOpen(job) || expiresAt === undefined) return [since];
  return [since, `until ${clockTime(new Date(expiresAt), now)} at the latest`];
}
