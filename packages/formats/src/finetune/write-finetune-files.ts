import { resolve } from "node:path";
import {
  counted,
  aBoolean,
  anything,
  aText,
  checkOptions,
  expecting,
  required,
  type Message,
  type OptionCheck,
  type OptionChecks,
  type Row,
} from "@parallel-parrot/core";
import { fileSet } from "./file-set.ts";
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
  /** Whether files that exist may be replaced; never the file that the rows come from. @default false */
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
  /** Numbered files that an earlier, finer split has left: they still have the examples of then. */
  readonly outdated: readonly string[];
  /** Examples in which half of a character was replaced by U+FFFD. */
  readonly mendedCount: number;
}

/** One file of examples. */
export interface FinetuneFile {
  readonly path: string;
  readonly examples: number;
  readonly tokens: number;
}

const aLimit: OptionCheck = expecting(
  "a number of at least 1",
  (value) => typeof value === "number" && value >= 1,
);

const FINETUNE_OPTIONS: OptionChecks<FinetuneOptions> = {
  prompt: required(aText, "the name of a column"),
  completion: required(aText, "the name of a column"),
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
 * Writes rows as chat examples for fine-tuning, one `{"messages": […]}` a line, split into files by tokens. All
 * files appear when the last row is written, or none. A row that gives no example is left out and reported.
 *
 * @throws ParrotError `MISSING_COLUMN` for the first row; `INVALID_OPTION`, `INVALID_TEMPLATE`, and what the output
 * may come to
 */
export async function writeFinetuneFiles(
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: FinetuneOptions,
): Promise<FinetuneReport> {
  checkOptions("writeFinetuneFiles", options, FINETUNE_OPTIONS);
  const { maxTokensPerFile: maxFile = Infinity, maxTokensPerExample = Infinity } = options;
  const maxExample = Math.min(maxFile, maxTokensPerExample);
  const names = finetuneNames(options.output, maxFile < Infinity);
  const maker = new ExampleMaker(options);
  const source = sourceOf(rows);
  await requireOthers(await names.existing(), source?.files ?? []);
  const countTokens = await loadTokenCounter(options.model);
  const files: FinetuneFile[] = [];
  const skipped = new SkippedExamples(source);
  let mendedCount = 0;
  const output = fileSet(options.overwrite ?? false);

  async function write(messages: readonly Message[], tokens: number): Promise<void> {
    let file = files.at(-1);
    if (file === undefined || file.tokens + tokens > maxFile) {
      file = { path: names.at(files.length + 1), examples: 0, tokens: 0 };
      await output.next(file.path);
      files.push(file);
    }
    files[files.length - 1] = { ...file, examples: file.examples + 1, tokens: file.tokens + tokens };
    await output.write(`${JSON.stringify({ messages })}\n`);
  }

  async function add(row: Row, index: number): Promise<void> {
    const example = maker.make(row, index);
    if (!example.ok) {
      skipped.add(index, example.reason, example.message);
      return;
    }
    const tokens = countExample(example.messages, countTokens);
    if (tokens > maxExample) {
      skipped.add(
        index,
        "TOO_LONG",
        `it has ${counted(tokens, "token")}, and at most ${maxExample.toLocaleString("en-US")} are allowed`,
      );
      return;
    }
    if (example.isMended) mendedCount += 1;
    await write(example.messages, tokens);
  }

  try {
    let index = 0;
    for await (const row of rows) {
      if (index === 0 && options.checkFirstRow !== false) maker.requireColumns(row);
      await add(row, index);
      index += 1;
    }
  } catch (error) {
    await output.abort(error);
    throw error;
  }
  await output.commit();
  const written = new Set(files.map(({ path }) => resolve(path)));
  const outdated =
    maxFile < Infinity ? (await names.existing()).filter((path) => !written.has(resolve(path))) : [];
  return { files, outdated: outdated.toSorted(), ...skipped.report(), mendedCount };
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
function countExample(messages: readonly Message[], countTokens: TokenCounter): number {
  return messages.reduce((sum, { role, content }) => sum + 3 + countTokens(role) + countTokens(content), 3);
}
