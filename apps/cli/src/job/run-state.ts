import type { LockOwner, RunState, RunSummary } from "@parallel-parrot/journal";
import { resultOf } from "../journal/run-result.ts";

/**
 * How a run stands: `killed` is one whose process ended without a word, `refused` one that ended with exit code 2,
 * before anything was answered.
 */
export type RunStanding = RunState | "killed" | "refused";

/** @param writer the process that writes to the journal now */
export function standingOf(
  { state, manifest, touchedAt, usage }: Pick<RunSummary, "state" | "manifest" | "touchedAt" | "usage">,
  writer: LockOwner | undefined,
): RunStanding {
  if (state === "stopped")
    return resultOf(manifest)?.isRefused === true && usage.requests === 0 ? "refused" : state;
  if (state === "finished") return state;
  if (writer === undefined) return "killed";
  const { pid } = manifest;
  // Runs of the library, and of earlier versions, do not say whose they are.
  const isItsOwn = typeof pid === "number" ? pid === writer.pid : touchedAt >= Date.parse(writer.since);
  return isItsOwn ? "running" : "killed";
}
