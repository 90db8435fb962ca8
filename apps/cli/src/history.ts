import { resolve } from "node:path";
import type { Journal, Manifest, RunSummary } from "@parallel-parrot/journal";
import { digestFile } from "./digest-file.ts";
import { askingOf, jobOf, type Job } from "./job.ts";
import { filesOf, resultOf, type RunResult, type WrittenFile } from "./run-result.ts";

/** What earlier runs in a journal tell of the files they wrote. */
export class History {
  readonly #runs: readonly RunSummary[];

  /** Without a journal nothing is known. */
  constructor(journal: Pick<Journal, "runs"> | undefined) {
    this.#runs = journal?.runs() ?? [];
  }

  /** The last run of these identities, where it is finished and its output is still as it left it. */
  async finished(identities: readonly (string | undefined)[]): Promise<RunResult | undefined> {
    const last = this.#runs.findLast(
      ({ identity }) => identity !== undefined && identities.includes(identity),
    );
    if (last?.state !== "finished") return undefined;
    const result = resultOf(last.manifest);
    const output = result?.output ?? undefined;
    return output !== undefined && (await isUnchanged(output)) ? result : undefined;
  }

  /** The files that the last run of this identity has left. */
  filesOf(identity: string | undefined): readonly WrittenFile[] {
    const last = this.#runs.findLast((run) => identity !== undefined && run.identity === identity);
    return last === undefined ? [] : filesOf(last.manifest);
  }

  /** Whether a file is as an earlier run left it, so that nothing is lost with it. */
  async wrote(path: string): Promise<boolean> {
    const written = this.#runs.flatMap(({ manifest }) =>
      filesOf(manifest).filter((file) => placeOf(manifest, file.path) === resolve(path)),
    );
    if (written.length === 0) return false;
    const now = await digestFile(path);
    return written.some((file) => file.sha256 === now?.sha256);
  }

  /** Whether an earlier run had this output: then what grew beside it is in the journal. */
  hadOutput(path: string): boolean {
    return this.#runs.some(({ manifest }) => {
      const output = jobOf(manifest)?.options.output;
      return output !== undefined && output !== "-" && placeOf(manifest, output) === resolve(path);
    });
  }

  /** The last job that asked for the same, whatever became of the answers. */
  lastAsking(job: Job): Job | undefined {
    const asking = askingOf(job);
    return this.#runs
      .toReversed()
      .map((run) => jobOf(run.manifest))
      .find((earlier) => earlier !== undefined && !earlier.options.reparse && askingOf(earlier) === asking);
  }
}

/** Where a file is that a run has called so: in the folder where it was begun. */
function placeOf({ cwd }: Manifest, name: string): string {
  return typeof cwd === "string" ? resolve(cwd, name) : resolve(name);
}

async function isUnchanged({ path, sha256 }: WrittenFile): Promise<boolean> {
  return (await digestFile(path))?.sha256 === sha256;
}
