import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { FailedChoice } from "@parallel-parrot/ui";
import { EXIT } from "../exit-code.ts";
import { inspectPlace } from "../journal/journal-place.ts";
import { PROGRAM } from "../live/page-process.ts";

/** How often it is looked whether a run has begun. */
const LOOK_MS = 100;

interface AskedPlace {
  /** The path of the journal. */
  readonly journal: string;
  /** Where the page was started: while rows are read, the current folder is that of their run. */
  readonly folder: string;
}

/**
 * Has failed rows of a run asked again by `parrot retry-failed`, in a process of its own with the environment of this one:
 * keys are found, and what is asked is decided, as where it is typed. Resolves when it has begun.
 *
 * @throws Error with what the command has said where it was refused
 */
export async function askAgain(
  { journal, folder }: AskedPlace,
  run: number,
  { rows, codes }: FailedChoice,
): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(PROGRAM),
      "retry-failed",
      String(run),
      "--journal",
      journal,
      "--quiet",
      ...rows.flatMap((row) => ["--row", String(row)]),
      ...(codes.length === 0 ? [] : ["--code", codes.join(",")]),
    ],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  // Read to its end, so that the process never waits for a reader.
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-4000)));
  let failed: Error | undefined;
  child.on("error", (error) => (failed = error));
  while (child.exitCode === null && child.signalCode === null) {
    if (failed !== undefined) throw failed;
    if ((await writerOf(journal)) === child.pid) return;
    await sleep(LOOK_MS);
  }
  const hasRun = child.exitCode === EXIT.ok || child.exitCode === EXIT.failedRows;
  if (!hasRun)
    throw new Error(
      said
        .trim()
        .split("\n")
        .at(-1)
        ?.replace(/^parrot: /, "") || "It has ended",
    );
}

async function writerOf(path: string): Promise<number | undefined> {
  const journal = await inspectPlace(path);
  try {
    return (await journal.writer())?.pid;
  } finally {
    journal.close();
  }
}
