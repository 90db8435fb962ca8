/**
 * Lets the system calls of a journal fail one after the other, and looks at what is left each time: the n-th of
 * a kind, for n = 1, 2, … until there is none left, once and from then on, with an I/O error and with a full
 * disk. Needs strace, on Linux, and takes some minutes.
 *
 *     node --conditions=@parallel-parrot/source scripts/inject-disk-faults.ts [CALL,…]
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDamage } from "../fixtures/find-damage.ts";
import { appendCommand, startAppending } from "../fixtures/start-appending.ts";

/** All that SQLite calls on its files, but for memory maps and locks. */
const CALLS = [
  "pwrite64",
  "write",
  "fsync",
  "fdatasync",
  "ftruncate",
  "fallocate",
  "pread64",
  "read",
  "openat",
  "unlink",
];
const ERRORS = ["EIO", "ENOSPC"];
/** A few commits. */
const RECORDS = 100;
const MOST_SECONDS = 30;

interface Fault {
  readonly call: string;
  readonly error: string;
  /** Of those on the journal's files, counted in each thread. */
  readonly position: number;
  readonly isForEver: boolean;
}

interface Outcome {
  /** Calls that failed. */
  readonly injected: number;
  readonly kept: number;
  readonly problems: readonly string[];
}

/** Appends under a fault and looks at what is left. */
async function meet({ call, error, position, isForEver }: Fault): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "parrot-faults-"));
  try {
    const path = join(folder, "run.db");
    const log = join(folder, "strace.log");
    const files = ["", "-wal", "-shm", "-lock", "-lock-journal"].flatMap((end) => ["-P", `${path}${end}`]);
    const when = `${position}${isForEver ? "+" : ""}`;
    const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:error=${error}:when=${when}`];
    const trace = ["strace", "-f", "-qq", "-o", log, ...files, ...inject];
    const appending = startAppending([...trace, ...appendCommand(path, "key", RECORDS)]);
    const timer = setTimeout(() => appending.child.kill("SIGTERM"), MOST_SECONDS * 1000);
    const end = await appending.ended;
    clearTimeout(timer);
    const { kept, rejected } = appending;
    const problems: string[] = [];
    if (end !== 0) problems.push(`It ended with ${end}`);
    const isRefused = rejected.some(({ key }) => key === "-");
    if (!isRefused && kept.length + rejected.length !== RECORDS)
      problems.push(`It said nothing of ${RECORDS - kept.length - rejected.length} records`);
    for (const { key, code, file } of rejected)
      if (!CODES.has(code) || file !== path) problems.push(`${key} was rejected with ${code} ${file}`);
    problems.push(...(await findDamage(path, kept).catch((cause: unknown) => [String(cause)])));
    const injected = (await readFile(log, "utf8")).split("(INJECTED)").length - 1;
    return { injected, kept: kept.length, problems };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const CODES = new Set(["JOURNAL_FAILED", "JOURNAL_UNUSABLE"]);

function isPermitted(): boolean {
  return spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "true"]).status === 0;
}

async function meetAll(calls: readonly string[]): Promise<number> {
  let failures = 0;
  for (const call of calls)
    for (const error of ERRORS)
      for (const isForEver of [false, true]) {
        let position = 1;
        for (; ; position++) {
          const { injected, kept, problems } = await meet({ call, error, position, isForEver });
          if (injected === 0) break;
          if (problems.length === 0) continue;
          failures += 1;
          const title = `${call} ${error} at ${position}${isForEver ? " and on" : ""}, ${kept} kept`;
          console.error(`FAILED ${title}\n  ${[...new Set(problems)].join("\n  ")}`);
        }
        console.log(`${call} ${error} ${isForEver ? "for ever" : "once"}: ${position - 1} positions`);
      }
  return failures;
}

if (isPermitted()) {
  const failures = await meetAll(process.argv[2]?.split(",") ?? CALLS);
  console.log(failures === 0 ? "No acknowledged record was lost." : `${failures} faults did harm.`);
  process.exitCode = failures === 0 ? 0 : 1;
} else {
  console.error("SKIPPED, NOTHING WAS TESTED: strace is not installed here or not permitted to trace.");
}
