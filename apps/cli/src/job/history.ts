import { resolve } from "node:path";
import type { Journal, Manifest, RunSummary } from "@parallel-parrot/journal";
import { digestFile } from "../files/digest-file.ts";
import { failedNameOf } from "../files/failed-path.ts";
import { partialName } from "../files/formats-of.ts";
import { askingOf, productOf } from "./identity.ts";
import { folderOf, howOf, inputHashOf, jobOf, type Job } from "./job.ts";
import { ownRuns } from "../journal/own-runs.ts";
import type { RetryChange } from "../flags/go-on-flags.ts";
import { filesOf, resultOf, type RunResult, type WrittenFile } from "../journal/run-result.ts";

/** A run that came to its end. */
export interface FinishedRun {
  readonly id: number;
  readonly result: RunResult;
}

/** What earlier runs in a journal tell of the files they wrote. */
export class History {
  readonly #runs: readonly RunSummary[];

  /** Without a journal nothing is known; what somebody else's runs tell is not believed. */
  constructor(journal: Pick<Journal, "runs"> | undefined) {
    this.#runs = ownRuns(journal?.runs() ?? []);
  }

  /** The last run of these identities, where it is finished and its output is still as it left it. */
  async finished(identities: readonly (string | undefined)[]): Promise<FinishedRun | undefined> {
    const last = this.#runs.findLast(
      ({ identity }) => identity !== undefined && identities.includes(identity),
    );
    if (last?.state !== "finished") return undefined;
    const result = resultOf(last.manifest);
    const output = result?.output ?? undefined;
    if (result === undefined || output === undefined || !(await isUnchanged(output))) return undefined;
    return { id: last.id, result };
  }

  /**
   * What names a run for `parrot resume` and `parrot retry-failed`, with a space before it; nothing for the newest,
   * which they take without being told.
   */
  numberOf(id: number): string {
    return (this.#runs.at(-1)?.id ?? 0) > id ? ` ${id}` : "";
  }

  /** The files that the last run of this identity has left. */
  filesOf(identity: string | undefined): readonly WrittenFile[] {
    const last = this.#runs.findLast((run) => identity !== undefined && run.identity === identity);
    return last === undefined ? [] : filesOf(last.manifest);
  }

  /** The runs that left a file as it is now, so that they can write it again. */
  async writersOf(path: string): Promise<readonly RunSummary[]> {
    const mayBe = this.#runs.filter(({ manifest }) =>
      filesOf(manifest).some((file) => placeOf(manifest, file.path) === resolve(path)),
    );
    if (mayBe.length === 0) return [];
    const now = await digestFile(path);
    return mayBe.filter(({ manifest }) =>
      filesOf(manifest).some(
        (file) => placeOf(manifest, file.path) === resolve(path) && file.sha256 === now?.sha256,
      ),
    );
  }

  /** Whether a file is as an earlier run of this job, or one that it goes on with, left it. */
  async wrote(path: string, job: Job): Promise<boolean> {
    const product = productOf(job, process.cwd());
    return (await this.writersOf(path)).some(({ manifest }) => {
      const earlier = jobOf(manifest);
      return earlier !== undefined && productOf(earlier, folderOf(manifest)) === product;
    });
  }

  /**
   * Whether each row of a list of failed rows, finished or not, is one of this input: then it is in the output or
   * the list of whichever run works on all of that.
   */
  async covers(list: string, inputHash: string | undefined): Promise<boolean> {
    if (inputHash === undefined) return false;
    const writers = await this.writersOf(list);
    const growing = writers.length === 0 ? this.#lastGrowing(list) : undefined;
    return [...writers, ...(growing === undefined ? [] : [growing])].some(
      ({ manifest }) => inputHashOf(manifest) === inputHash,
    );
  }

  /** The last run whose failed rows grew in this file. */
  #lastGrowing(partial: string): RunSummary | undefined {
    return this.#runs.findLast(({ manifest }) => {
      const options = jobOf(manifest)?.options;
      const name = options === undefined ? undefined : failedNameOf(options.failed, options.output);
      return name !== undefined && placeOf(manifest, partialName(name)) === resolve(partial);
    });
  }

  /** Whether an earlier run had this output: then what grew beside it is in the journal. */
  hadOutput(path: string): boolean {
    return this.#runs.some(({ manifest }) => {
      const output = jobOf(manifest)?.options.output;
      return output !== undefined && output !== "-" && placeOf(manifest, output) === resolve(path);
    });
  }

  /**
   * How failed rows of the same questions about this input were asked again, beside the job's own way; oldest first.
   * A row of another input gets no answer of a model that it was not to be asked of.
   */
  retriesOf(job: Job): readonly RetryChange[] {
    const asking = askingOf(job);
    const input = resolve(job.input);
    const retries = this.#runs.flatMap(({ manifest }) => {
      const earlier = jobOf(manifest);
      const { change } = howOf(manifest);
      if (change === undefined || earlier === undefined || askingOf(earlier) !== asking) return [];
      return placeOf(manifest, earlier.input) === input ? [change] : [];
    });
    return [...new Map(retries.map((change) => [JSON.stringify(change), change])).values()];
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
function placeOf(manifest: Manifest, name: string): string {
  return resolve(folderOf(manifest), name);
}

async function isUnchanged({ path, sha256 }: WrittenFile): Promise<boolean> {
  return (await digestFile(path))?.sha256 === sha256;
}
