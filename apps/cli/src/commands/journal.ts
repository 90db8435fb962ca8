import { once } from "node:events";
import { counted, stringifyJson } from "@parallel-parrot/core";
import { jsonPieces } from "@parallel-parrot/formats";
import { exportRecords, type RunSummary } from "@parallel-parrot/journal";
import { formatDollars } from "@parallel-parrot/transport";
import type { EXPORT_FLAGS, PRUNE_FLAGS, SHOW_FLAGS } from "../flags/commands/journal-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { nameInputs } from "../input/input-names.ts";
import { outputNameOf } from "../output/output-place.ts";
import { jobOf } from "../job/job.ts";
import { inspectPlace, prunePlace } from "../journal/journal-place.ts";
import { print, printJson } from "../terminal/print.ts";
import { resultOf } from "../journal/run-result.ts";
import { formatList } from "../terminal/table.ts";

/** `parrot journal show` */
export async function show({ journal: path, json }: ValuesOf<typeof SHOW_FLAGS>): Promise<ExitCode> {
  const journal = await inspectPlace(path);
  try {
    const runs = journal.runs();
    const { records, bytes } = await journal.size();
    if (json) printJson(`${stringifyJson({ path, records, bytes, runs }, 2)}\n`);
    else {
      const list = runs.length === 0 ? "" : `${formatList(runs.map(describe))}\n`;
      print(
        `${list}${path}: ${counted(runs.length, "run")}, ${counted(records, "record")}, ${formatBytes(bytes)}\n`,
      );
    }
  } finally {
    journal.close();
  }
  return EXIT.ok;
}

/** `parrot journal export` */
export async function exportAll({ journal: path, run }: ValuesOf<typeof EXPORT_FLAGS>): Promise<ExitCode> {
  const journal = await inspectPlace(path);
  try {
    for (const record of exportRecords(journal, run === undefined ? {} : { run })) {
      for (const piece of jsonPieces(record)) await printPiece(piece);
      await printPiece("\n");
    }
  } finally {
    journal.close();
  }
  return EXIT.ok;
}

/** A slow reader must not make the memory fill up. */
async function printPiece(piece: string): Promise<void> {
  if (!printJson(piece)) await once(process.stdout, "drain");
}

const DAY_MS = 86_400_000;

/** `parrot journal prune` */
export async function prune({
  journal,
  olderThan,
  run,
  keepLast,
  failures,
}: ValuesOf<typeof PRUNE_FLAGS>): Promise<ExitCode> {
  const { runs, records, withOpenJobs, bytesBefore, bytesAfter } = await prunePlace(journal, {
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan * DAY_MS }),
    ...(run.length === 0 ? {} : { runs: run }),
    ...(keepLast === undefined ? {} : { keepRuns: keepLast }),
    failures,
  });
  print(
    `${counted(runs.length, "run")} and ${counted(records, "record")} removed; ${formatBytes(bytesBefore)} → ${formatBytes(bytesAfter)}\n`,
  );
  if (withOpenJobs.length > 0)
    print(
      `${counted(withOpenJobs.length, "run")} kept, as batch jobs are still open: ${withOpenJobs.join(", ")}. Go on with each (parrot resume) to collect the answers that are paid for\n`,
    );
  return EXIT.ok;
}

/** Who has made a run, in words. */
const BY: Readonly<Record<RunSummary["origin"], string>> = {
  own: "you",
  adopted: "others; its answers are yours",
  foreign: "others",
  damaged: "changed or damaged",
};

function describe(run: RunSummary): Record<string, unknown> {
  const { id, origin, state, touchedAt, settled, usage, cost, manifest } = run;
  const job = jobOf(manifest);
  const result = resultOf(manifest);
  return {
    run: id,
    by: BY[origin],
    state: state === "running" ? "running or killed" : state,
    "last used": minuteOf(touchedAt),
    input: job === undefined ? "" : nameInputs(job.inputs),
    output: job === undefined ? "" : outputNameOf(job.options),
    model: job?.options.model ?? manifest["model"],
    rows: settled,
    failed: result?.failed ?? "",
    paid: `${counted(usage.requests, "request")}${cost > 0 ? `, ${formatDollars(cost)}` : ""}`,
  };
}

/** A time in UTC; empty where a damaged record has none. */
function minuteOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 16).replace("T", " ");
}

function formatBytes(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ["kB", 1e3] : bytes < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
  return `${(bytes / size).toFixed(1)} ${unit}`;
}
