import { once } from "node:events";
import { counted, ParrotError, stringifyJson } from "@parallel-parrot/core";
import { jsonPieces } from "@parallel-parrot/formats";
import { exportRecords, type Merged } from "@parallel-parrot/journal";
import type { EXPORT_FLAGS, MERGE_FLAGS, PRUNE_FLAGS, SHOW_FLAGS } from "../flags/commands/journal-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { describeKeptRun, type KeptRun } from "../job/describe-kept-run.ts";
import { jobOf } from "../job/job.ts";
import { kindOf } from "../job/run-kind.ts";
import { standingOf } from "../job/run-state.ts";
import { inspectPlace, mergeInto, prunePlace } from "../journal/journal-place.ts";
import { print, printJson } from "../terminal/print.ts";
import { printable, say } from "../terminal/report.ts";
import { AskedRows } from "../export/asked-rows.ts";

/** Columns of what is no terminal. */
const USUAL_COLUMNS = 100;

/** `parrot journal show` */
export async function show({ journal: path, json }: ValuesOf<typeof SHOW_FLAGS>): Promise<ExitCode> {
  const journal = await inspectPlace(path);
  try {
    const writer = await journal.writer();
    const runs = journal.runs().map((run): KeptRun => {
      return { run, kind: kindOf(run), standing: standingOf(run, writer), job: jobOf(run.manifest) };
    });
    const { records, bytes } = await journal.size();
    if (json) {
      const shown = runs.map(({ run, kind, standing }) => ({ ...run, kind, state: standing }));
      printJson(`${stringifyJson({ path, records, bytes, runs: shown }, 2)}\n`);
    } else {
      const columns = process.stdout.columns || USUAL_COLUMNS;
      for (const run of runs) print(`${describeKeptRun(run, columns).map(printable).join("\n")}\n\n`);
      print(
        `${path}: ${counted(runs.length, "run")}, ${counted(records, "record")}, ${formatBytes(bytes)}\n`,
      );
    }
  } finally {
    journal.close();
  }
  return EXIT.ok;
}

/** `parrot journal export` */
export async function exportAll({
  journal: path,
  run,
  withRows,
}: ValuesOf<typeof EXPORT_FLAGS>): Promise<ExitCode> {
  const journal = await inspectPlace(path);
  const asked = withRows ? new AskedRows(journal, say) : undefined;
  try {
    for (const record of exportRecords(journal, run === undefined ? {} : { run })) {
      const row = await asked?.of(record.run, record.row);
      for (const piece of jsonPieces({ ...record, ...row })) await printPiece(piece);
      await printPiece("\n");
    }
  } finally {
    asked?.close();
    journal.close();
  }
  return EXIT.ok;
}

/** A slow reader must not make the memory fill up. */
async function printPiece(piece: string): Promise<void> {
  if (!printJson(piece)) await once(process.stdout, "drain");
}

/** `parrot journal merge` */
export async function merge(
  sources: readonly string[],
  { journal: path, trustJournal }: ValuesOf<typeof MERGE_FLAGS>,
): Promise<ExitCode> {
  let isComplete = true;
  for (const source of sources) {
    const from = await inspectPlace(source);
    try {
      const merged = await mergeInto(path, from, trustJournal);
      for (const line of describeMerged(from.path, merged)) print(`${printable(line)}\n`);
      isComplete &&= merged.foreign === 0;
    } finally {
      from.close();
    }
  }
  return isComplete ? EXIT.ok : EXIT.usage;
}

function describeMerged(
  path: string,
  { runs, records, alreadyThere, foreign, damaged, openJobs }: Merged,
): readonly string[] {
  const others: readonly (readonly [count: number, words: string])[] = [
    [alreadyThere, "to requests that are answered already"],
    [damaged, "damaged, and left out"],
    [foreign, "not signed by you, and left out; --trust-journal takes them over"],
  ];
  return [
    `${path}: ${counted(records, "record")} of ${counted(runs, "run")} added`,
    ...others.flatMap(([count, words]) => (count === 0 ? [] : [`  ${counted(count, "record")} ${words}`])),
    ...(openJobs === 0
      ? []
      : [
          `  ${counted(openJobs, "batch job is", "batch jobs are")} still open there; resume there, and merge again when they are done`,
        ]),
  ];
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
  if (olderThan === undefined && run.length === 0 && keepLast === undefined && !failures)
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot prune the journal: say what to remove with --older-than DAYS, --run NUMBER, --keep-last COUNT or --failures",
      { option: "--older-than" },
    );
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

function formatBytes(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ["kB", 1e3] : bytes < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
  return `${(bytes / size).toFixed(1)} ${unit}`;
}
