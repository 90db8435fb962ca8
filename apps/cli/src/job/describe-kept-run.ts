import { counted } from "@parallel-parrot/core";
import type { RunSummary } from "@parallel-parrot/journal";
import { formatDollars } from "@parallel-parrot/transport";
import { nameInputs } from "../input/input-names.ts";
import { resultOf } from "../journal/run-result.ts";
import { outputNameOf } from "../output/output-place.ts";
import { selectionWords } from "../selection/describe-selection.ts";
import { leavesOut } from "../selection/selection.ts";
import { cut } from "../terminal/describe-wait.ts";
import { formatCount } from "../terminal/format-count.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import { stepInManifest } from "../steps/step-journal.ts";
import { printable } from "../terminal/report.ts";
import { howOf, textOf, type Job } from "./job.ts";
import { changedJob } from "./retry-change.ts";
import type { RunKind } from "./run-kind.ts";
import type { RunStanding } from "./run-state.ts";

/** A run of a journal, with what its manifest was understood as. */
export interface KeptRun {
  readonly run: RunSummary;
  readonly kind: RunKind;
  readonly standing: RunStanding;
  /** `undefined` for the run of another program. */
  readonly job: Job | undefined;
}

/** Who has made a run that is not the user's own, in words. */
const BY: Readonly<Record<Exclude<RunSummary["origin"], "own">, string>> = {
  adopted: "by others; its answers are yours",
  foreign: "by others",
  damaged: "changed or damaged",
};

const KINDS: Readonly<Record<RunKind, string>> = {
  run: "run",
  retry: "retry of failed rows",
  preview: "preview",
  estimate: "estimate",
  step: "step",
  other: "run of another program",
};

/** A run of a journal in lines of at most so many columns: when, what, who was asked what, and what came of it. */
export function describeKeptRun(kept: KeptRun, columns: number): readonly string[] {
  const { run, kind, standing, job } = kept;
  const { origin, touchedAt, startedAt, manifest } = run;
  const ms = resultOf(manifest)?.ms ?? null;
  const took = ms === null ? "" : `, took ${formatDuration(ms)}`;
  const since = standing === "running" ? ` since ${minuteOf(startedAt)}` : ` ${minuteOf(touchedAt)}`;
  const by = origin === "own" ? "" : `, ${BY[origin]}`;
  const lines = [
    ...(job === undefined ? [] : [whatOf(job, kind), promptOf(job, manifest)]),
    ...(job === undefined && textOf(manifest["model"]) !== undefined
      ? [textOf(manifest["model"]) ?? ""]
      : []),
    outcomeOf(run, job),
  ];
  const step = stepInManifest(manifest);
  const what = step === undefined ? KINDS[kind] : `step ${printable(step.name)} of run ${step.run}`;
  return [
    `${run.id}  ${what}, ${standing}${since}${took}${by}`,
    ...lines.map((line) => `   ${cut(line, Math.max(20, columns - 3))}`),
  ];
}

function whatOf(job: Job, kind: RunKind): string {
  const rows = selectionWords(job.options);
  const which = rows === "" ? "" : ` (${rows})`;
  const to = kind === "run" || kind === "retry" ? ` → ${outputOf(job)}` : "";
  return `${job.command} ${nameInputs(job.inputs)}${which}${to}`;
}

function outputOf({ options }: Job): string {
  const name = textOf(outputNameOf(options)) ?? "?";
  return name === "-" ? "standard output" : name;
}

/** Whom was asked, and the first line of what. */
function promptOf(job: Job, manifest: RunSummary["manifest"]): string {
  const { options } = changedJob(job, howOf(manifest).change ?? {});
  const text = textOf(options.prompt) ?? textOf(options.promptText) ?? "";
  const [first = "", ...more] = text.trim().split("\n");
  return `${textOf(options.model) ?? "?"}: ${first.trim()}${more.length > 0 ? " …" : ""}`;
}

function outcomeOf({ manifest, settled, usage, cost }: RunSummary, job: Job | undefined): string {
  const result = resultOf(manifest);
  const stopped = result?.stopped ?? "";
  const why = stopped === "" ? "" : ` (${stopped})`;
  const money = cost > 0 ? `, ${formatDollars(cost)}` : "";
  // The journal has those that brought something, and the last lines of the run tell of all.
  const paid = `${counted(result?.requests ?? usage.requests, "request")}${money}`;
  if (result !== undefined) {
    // Each later step is a run of its own here, with its own count.
    const { answered, failed } = result.firstStep ?? result;
    const step = result.firstStep === null ? "" : `step ${textOf(job?.name) ?? "1"}: `;
    return `${step}${counted(answered, "row")} answered, ${formatCount(failed)} failed${why}; ${paid}`;
  }
  // Where rows were left out, the number of the last row that is done says nothing of how many are.
  return job === undefined || !leavesOut(job.options) ? `${counted(settled, "row")} done; ${paid}` : paid;
}

/** A time by the clock of this machine; empty where a damaged record has none. */
function minuteOf(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}
