import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import {
  counted,
  aBoolean,
  anything,
  aText,
  checkOptions,
  expecting,
  oneOf,
  required,
  stringifyJson,
  type OptionCheck,
  type OptionChecks,
  type Row,
} from "@parallel-parrot/core";
import { outputExists } from "../sink/output-errors.ts";
import type { TrainingMessage } from "./conversation.ts";
import { FINETUNE_FORMS, type FinetuneForm, type TrainingExample } from "./finetune-form.ts";
import { ExampleFiles, type FinetuneFile } from "./example-files.ts";
import { ExampleMaker, type ExampleOptions } from "./finetune-example.ts";
import { finetuneNames, requireOthers } from "./finetune-names.ts";
import type { RowSource } from "../source/row-source.ts";
import { SkippedExamples, type SkippedReport } from "./skipped-examples.ts";
import { loadTokenCounter, type TokenCounter } from "./token-counter.ts";
import { aPath } from "../path-checks.ts";

/** Options of {@linkcode writeFinetuneFiles}. */
export interface FinetuneOptions extends ExampleOptions {
  /** Path of a `.jsonl` file, also `.gz` or `.zst`. Split files get a number: `train.0001.jsonl`. */
  readonly output: string | URL;
  /** Model whose encoding counts the tokens. @default the `o200k_base` encoding */
  readonly model?: string;
  /** Most tokens in one file. @default one file for all */
  readonly maxTokensPerFile?: number;
  /** Most tokens in one example; longer ones are left out. @default maxTokensPerFile */
  readonly maxTokensPerExample?: number;
  /**
   * The share of the examples that go to a file of their own, `train.validation.jsonl`, to validate the training with.
   * Which these are follows from what comes before the answer, so that equal prompts are never in both. @default 0
   */
  readonly validation?: number;
  /**
   * Whether a set of files that exists may be replaced; never the file that the rows come from. Files of the earlier
   * set that the new one does not have are removed. @default false
   */
  readonly overwrite?: boolean;
  /**
   * Whether the run fails at once when the first row lacks a column that examples need. Turn it off for rows that do
   * not all have the same columns. @default true
   */
  readonly checkFirstRow?: boolean;
}

/** What {@linkcode writeFinetuneFiles} has written. */
export interface FinetuneReport extends SkippedReport {
  /** In order; empty where no example was written. */
  readonly files: readonly FinetuneFile[];
  /** The file of examples to validate with, where there are any. */
  readonly validation: FinetuneFile | undefined;
  /** Files of an earlier set of this name that were removed, as the new one does not have them. */
  readonly removed: readonly string[];
  /** What the vendor would refuse about the files, each in a sentence. */
  readonly problems: readonly string[];
  /** Examples in which half of a character was replaced by U+FFFD. */
  readonly mendedCount: number;
}

const aLimit: OptionCheck = expecting(
  "a number of at least 1",
  (value) => typeof value === "number" && value >= 1,
);

const FINETUNE_OPTIONS: OptionChecks<FinetuneOptions> = {
  prompt: aText,
  completion: aText,
  messages: aText,
  rejected: aText,
  form: oneOf("openai", "mistral", "together", "gemini", "trl"),
  validation: expecting(
    "a share from 0 to below 1",
    (value) => typeof value === "number" && value >= 0 && value < 1,
  ),
  // The parser of templates has its own message for what is not a template.
  system: anything,
  output: required(aPath, "the path of a .jsonl file"),
  model: aText,
  maxTokensPerFile: aLimit,
  maxTokensPerExample: aLimit,
  overwrite: aBoolean,
  checkFirstRow: aBoolean,
};

/**
 * Writes rows as examples for fine-tuning, one a line, in the form that a vendor takes, split into files by tokens. All
 * files appear when the last row is written, or none. A row that gives no example, or one that the vendor would refuse,
 * is left out and reported.
 *
 * @throws ParrotError `MISSING_COLUMN` for the first row; `INVALID_OPTION`, `INVALID_TEMPLATE`, and what the output
 * may come to
 */
export async function writeFinetuneFiles(
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: FinetuneOptions,
): Promise<FinetuneReport> {
  checkOptions("writeFinetuneFiles", options, FINETUNE_OPTIONS);
  const { maxTokensPerFile: maxFile = Infinity, overwrite = false } = options;
  const names = finetuneNames(options.output, maxFile < Infinity);
  const maker = new ExampleMaker(options);
  const source = sourceOf(rows);
  const earlier = await names.existing();
  await requireOthers(earlier, source?.files ?? []);
  const [existing] = earlier;
  if (existing !== undefined && !overwrite) throw outputExists(existing);
  const countTokens = await loadTokenCounter(options.model);
  const skipped = new SkippedExamples(source);
  let mendedCount = 0;
  const examples = new ExampleFiles(names, options);
  const maxExample = Math.min(maxFile, options.maxTokensPerExample ?? Infinity);

  async function add(row: Row, index: number): Promise<void> {
    const made = maker.make(row, index);
    if (!made.ok) {
      skipped.add(index, made.reason, made.message);
      return;
    }
    const tokens = countExample(made.example, countTokens);
    if (tokens > maxExample) {
      skipped.add(
        index,
        "TOO_LONG",
        `it has ${counted(tokens, "token")}, and at most ${maxExample.toLocaleString("en-US")} are allowed`,
      );
      return;
    }
    if (made.isMended) mendedCount += 1;
    await examples.write(made.example, tokens);
  }

  try {
    let index = 0;
    for await (const row of rows) {
      if (index === 0 && options.checkFirstRow !== false) maker.requireColumns(row);
      await add(row, index);
      index += 1;
    }
  } catch (error) {
    await examples.abort(error);
    throw error;
  }
  await examples.commit();
  const { files, validation } = examples;
  const problems = setProblems(files, options.form ?? "openai");
  const removed =
    files.length === 0
      ? []
      : await removeOthers(names.ofSet(earlier), [...files, ...(validation ? [validation] : [])]);
  return { files, validation, removed, problems, ...skipped.report(), mendedCount };
}

/**
 * Removes the files of an earlier set that are not of the new one: a training would take them for a part of it. What is
 * called `train.2024.jsonl` beside no others is somebody's own file and stays.
 */
async function removeOthers(
  earlier: readonly string[],
  written: readonly FinetuneFile[],
): Promise<readonly string[]> {
  const kept = new Set(written.map(({ path }) => resolve(path)));
  const stale = earlier.filter((path) => !kept.has(resolve(path)));
  for (const path of stale) await rm(path, { force: true });
  return stale;
}

/** What the vendor would refuse about the files as a whole. */
function setProblems(files: readonly FinetuneFile[], form: FinetuneForm): readonly string[] {
  const { minExamples } = FINETUNE_FORMS[form];
  const small = files.filter(({ examples }) => examples < minExamples);
  return small.map(
    ({ path, examples }) =>
      `${form} takes no training file of fewer than ${minExamples} examples, and ${path} has ${examples}`,
  );
}

type Source = Pick<RowSource, "files" | "placeOf">;

/** The rows' source, where it is one of ours. */
function sourceOf(rows: Iterable<Row> | AsyncIterable<Row>): Source | undefined {
  return isSource(rows) ? rows : undefined;
}

function isSource(rows: object): rows is Source {
  return (
    rows instanceof ReadableStream &&
    "files" in rows &&
    "placeOf" in rows &&
    typeof rows.placeOf === "function"
  );
}

/** Tokens as OpenAI counts chats: three around each message, its role and text, and three for the answer. */
function countExample({ before, answer, rejected }: TrainingExample, countTokens: TokenCounter): number {
  const messages = [...before, answer, ...(rejected === undefined ? [] : [rejected])];
  return messages.reduce((sum, message) => sum + countMessage(message, countTokens), 3);
}

function countMessage({ role, content, ...others }: TrainingMessage, countTokens: TokenCounter): number {
  const text = typeof content === "string" ? content : (stringifyJson(content) ?? "");
  const more = Object.keys(others).length === 0 ? 0 : countTokens(stringifyJson(others) ?? "");
  return 3 + countTokens(role) + countTokens(text) + more;
}
