import { resolve } from "node:path";
import { stringifyJson } from "@parallel-parrot/core";
import type { InputDigest } from "@parallel-parrot/formats";
import type { Journal, Manifest, RunSummary } from "@parallel-parrot/journal";
import { digestFile } from "../output/digest-file.ts";
import { failedNameOf } from "../failed/failed-path.ts";
import { haveHiddenParts } from "../input/input-names.ts";
import { partialName } from "../output/formats-of.ts";
import { outputNameOf } from "../output/output-place.ts";
import { askingOf, placesOf, productOf } from "./identity.ts";
import { folderOf, howOf, inputHashOf, jobOf, type Job } from "./job.ts";
import { ownRuns } from "../journal/own-runs.ts";
import { writesOutput } from "./run-kind.ts";
import type { RetryChange } from "../flags/go-on-flags.ts";
import type { SelectionOptions } from "../flags/options.ts";
import { stepInManifest } from "../steps/step-journal.ts";
import { coversRows } from "../selection/covers-rows.ts";
import { filesOf, resultOf, type RunResult, type WrittenFile } from "../journal/run-result.ts";

/** A run that has finished. */
export interface FinishedRun {
  readonly id: number;
  readonly result: RunResult;
}

/** What the earlier runs of a journal tell: which files they have written, and what they have asked. */
export class History {
  readonly #runs: readonly RunSummary[];

  /** Without a journal nothing is known. Runs of other users are left out. */
  constructor(journal: Pick<Journal, "runs"> | undefined) {
    // What a step has asked belongs to the run whose step it is.
    this.#runs = ownRuns(journal?.runs() ?? []).filter(
      ({ manifest }) => stepInManifest(manifest) === undefined,
    );
  }

  /** The last run with one of these identities, provided that it has finished and nobody has changed its output since. */
  async finished(identities: readonly (string | undefined)[]): Promise<FinishedRun | undefined> {
    const last = this.#runs.findLast(
      ({ identity }) => identity !== undefined && identities.includes(identity),
    );
    if (last?.state !== "finished") return undefined;
    const result = resultOf(last.manifest);
    if (result === undefined || result.outputs.length === 0) return undefined;
    for (const output of result.outputs) if (!(await isUnchanged(output))) return undefined;
    return { id: last.id, result };
  }

  /**
   * The number of a run as `parrot resume` and `parrot retry-failed` take it, with a space before it. Empty for the
   * newest run, which they take where no number is given.
   */
  numberOf(id: number): string {
    return (this.#runs.at(-1)?.id ?? 0) > id ? ` ${id}` : "";
  }

  /** The files that the last run with this identity has written. */
  filesOf(identity: string | undefined): readonly WrittenFile[] {
    const last = this.#runs.findLast((run) => identity !== undefined && run.identity === identity);
    return last === undefined ? [] : filesOf(last.manifest);
  }

  /** The runs that have written a file just as it is now: each of them could write it again. */
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

  /**
   * Whether an earlier run with the same product as this job has written a file just as it is now, and this job asks
   * all rows that it has asked. Where a part of an input's name is not kept, its content must be the same as well.
   *
   * @param covers whether the file as this job writes it has all that the earlier one has written
   */
  async wrote(
    path: string,
    job: Job,
    input: InputDigest | undefined,
    covers: (now: Job["options"], earlier: Job["options"]) => boolean = coversRows,
  ): Promise<boolean> {
    const product = productOf(job, process.cwd());
    const isHidden = haveHiddenParts(job.inputs);
    return (await this.writersOf(path)).some(({ manifest }) => {
      const earlier = jobOf(manifest);
      if (isHidden && inputHashOf(manifest) !== input?.sha256) return false;
      return (
        earlier !== undefined &&
        productOf(earlier, folderOf(manifest)) === product &&
        covers(job.options, earlier.options)
      );
    });
  }

  /** The last run that made the same of inputs with these names when their content was another. */
  lastOfOtherInput(job: Job, inputHash: string): RunSummary | undefined {
    const product = productOf(job, process.cwd());
    const last = this.#runs.findLast(({ manifest }) => {
      const earlier = jobOf(manifest);
      return earlier !== undefined && productOf(earlier, folderOf(manifest)) === product;
    });
    return last === undefined || inputHashOf(last.manifest) === inputHash ? undefined : last;
  }

  /**
   * Whether each row of a list of failed rows, be the list finished or not, is a row of this input. A run that works
   * on all of the input, or on all rows that the earlier one has asked, then has each of them in its output or in its
   * own list.
   */
  async covers(list: string, inputHash: string | undefined, now: SelectionOptions): Promise<boolean> {
    if (inputHash === undefined) return false;
    const writers = await this.writersOf(list);
    const growing = writers.length === 0 ? this.#lastGrowing(list) : undefined;
    return [...writers, ...(growing === undefined ? [] : [growing])].some(({ manifest }) => {
      const earlier = jobOf(manifest);
      return inputHashOf(manifest) === inputHash && earlier !== undefined && coversRows(now, earlier.options);
    });
  }

  /** The last run that wrote its failed rows to this unfinished file. */
  #lastGrowing(partial: string): RunSummary | undefined {
    return this.#runs.findLast(({ manifest }) => {
      const options = jobOf(manifest)?.options;
      const name = options === undefined ? undefined : failedNameOf(options.failed, outputNameOf(options));
      return name !== undefined && placeOf(manifest, partialName(name)) === resolve(partial);
    });
  }

  /** Whether an earlier run had this output. The journal then has all answers of an unfinished file beside it. */
  hadOutput(path: string): boolean {
    return this.#runs.filter(writesOutput).some(({ manifest }) => {
      const options = jobOf(manifest)?.options;
      const output = options === undefined ? "-" : outputNameOf(options);
      return output !== "-" && placeOf(manifest, output) === resolve(path);
    });
  }

  /**
   * The changes with which `retry-failed` has asked rows of this job again, oldest first. Only retries over the same
   * input file count: a row of another input must not get the answer of a model that nobody named for it.
   */
  retriesOf(job: Job): readonly RetryChange[] {
    const asking = askingOf(job);
    const input = stringifyJson(placesOf(job.inputs, process.cwd()));
    const retries = this.#runs.flatMap(({ manifest }) => {
      const earlier = jobOf(manifest);
      const { change } = howOf(manifest);
      if (change === undefined || earlier === undefined || askingOf(earlier) !== asking) return [];
      const earlierInput = stringifyJson(placesOf(earlier.inputs, folderOf(manifest)));
      return earlierInput === input ? [change] : [];
    });
    return [...new Map(retries.map((change) => [stringifyJson(change), change])).values()];
  }

  /** The last job that sent the same requests, however it has read the answers. */
  lastAsking(job: Job): Job | undefined {
    const asking = askingOf(job);
    return this.#runs
      .toReversed()
      .map((run) => jobOf(run.manifest))
      .find((earlier) => earlier !== undefined && !earlier.options.reparse && askingOf(earlier) === asking);
  }
}

/** The path of a file that a run has named: relative names start from the folder where it was begun. */
function placeOf(manifest: Manifest, name: string): string {
  return resolve(folderOf(manifest), name);
}

async function isUnchanged({ path, sha256 }: WrittenFile): Promise<boolean> {
  return (await digestFile(path))?.sha256 === sha256;
}
