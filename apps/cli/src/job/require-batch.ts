import { ParrotError } from "@parallel-parrot/core";
import { DEFAULT_JOURNAL } from "../flags/default-journal.ts";
import type { GenerateOptions } from "../flags/options.ts";

/** @throws ParrotError `INVALID_OPTION` where the options of batches do not fit the others */
export function requireBatchOptions({
  batch,
  deadline,
  wait,
  journal,
  reparse,
  compare,
}: GenerateOptions): void {
  if (!batch) {
    if (deadline !== undefined) throw withoutBatch("--deadline");
    if (!wait) throw withoutBatch("--no-wait");
    return;
  }
  if (journal === false)
    throw unusable(
      "--batch",
      `--batch needs a journal, as jobs that are made and paid for have to be found again: leave --no-journal out, and they are kept in ${DEFAULT_JOURNAL}`,
    );
  if (compare.length > 0)
    throw unusable(
      "--batch",
      "A job of --batch is for one model: ask each of the models in a run of its own, or leave --batch out",
    );
  if (reparse)
    throw unusable(
      "--batch",
      "--reparse asks nothing, so there is nothing for --batch: leave one of them out",
    );
}

function withoutBatch(option: string): ParrotError {
  return unusable(option, `${option} is about the jobs of --batch; add --batch, or leave it out`);
}

function unusable(option: string, message: string): ParrotError {
  return new ParrotError("INVALID_OPTION", message, { option });
}
