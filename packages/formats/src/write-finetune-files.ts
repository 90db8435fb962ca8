import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cellText, getCell, ParrotError, rowName, type Message, type Row } from "@parallel-parrot/core";
import { fileId } from "./file-id.ts";
import { fileSet } from "./file-set.ts";
import { formatOf } from "./format-of.ts";
import { loadTokenCounter, type TokenCounter } from "./token-counter.ts";

/** Options of {@linkcode writeFinetuneFiles}. */
export interface FinetuneOptions {
  /** Column with what the user says. */
  readonly prompt: string;
  /** Column with what the model should answer. */
  readonly completion: string;
  /** System message of every example. @default none */
  readonly system?: string;
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
}

/** What {@linkcode writeFinetuneFiles} has written. */
export interface FinetuneReport {
  /** In order; empty where no example was written. */
  readonly files: readonly FinetuneFile[];
  /** Rows left out because their example has too many tokens. */
  readonly skipped: readonly SkippedExample[];
}

/** One file of examples. */
export interface FinetuneFile {
  readonly path: string;
  readonly examples: number;
  readonly tokens: number;
}

/** A row that is in no file. */
export interface SkippedExample {
  /** 0-based. */
  readonly row: number;
  readonly tokens: number;
}

/**
 * Writes rows as chat examples for fine-tuning, one `{"messages": […]}` a line, split into files by tokens. All
 * files appear when the last row is written, or none. A row without prompt or completion is an error.
 */
export async function writeFinetuneFiles(
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: FinetuneOptions,
): Promise<FinetuneReport> {
  const maxFile = readLimit("maxTokensPerFile", options.maxTokensPerFile);
  const maxExample = Math.min(maxFile, readLimit("maxTokensPerExample", options.maxTokensPerExample));
  const names = fileNames(options.output, maxFile < Infinity);
  await requireOthers(await names.existing(), fileOf(rows));
  const countTokens = await loadTokenCounter(options.model);
  const files: FinetuneFile[] = [];
  const skipped: SkippedExample[] = [];
  const output = fileSet(options.overwrite ?? false);

  async function add(messages: readonly Message[], row: number): Promise<void> {
    const tokens = countExample(messages, countTokens);
    if (tokens > maxExample) {
      skipped.push({ row, tokens });
      return;
    }
    let file = files.at(-1);
    if (file === undefined || file.tokens + tokens > maxFile) {
      file = { path: names.at(files.length + 1), examples: 0, tokens: 0 };
      await output.next(file.path);
      files.push(file);
    }
    files[files.length - 1] = { ...file, examples: file.examples + 1, tokens: file.tokens + tokens };
    await output.write(`${JSON.stringify({ messages })}\n`);
  }

  try {
    let index = 0;
    for await (const row of rows) {
      await add(toMessages(row, index, options), index);
      index += 1;
    }
  } catch (error) {
    await output.abort(error);
    throw error;
  }
  await output.commit();
  return { files, skipped };
}

function readLimit(option: string, limit = Infinity): number {
  if (limit >= 1) return limit;
  throw new ParrotError("INVALID_OPTION", `Cannot use ${limit} as ${option}: it must be at least 1`, {
    option,
  });
}

interface FileNames {
  /** That of the first, second… file: `train.jsonl` alone, or `train.0001.jsonl` in a split. */
  at(number: number): string;
  /** Those that a file has already. */
  existing(): Promise<readonly string[]>;
}

function fileNames(output: string | URL, split: boolean): FileNames {
  const path = output instanceof URL ? fileURLToPath(output) : output;
  if (path === "-" || formatOf(path).format !== "jsonl") {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write fine-tuning examples to "${path}": the output must be a file called .jsonl, .jsonl.gz or .jsonl.zst`,
      { option: "output" },
    );
  }
  if (!split) return { at: () => path, existing: () => Promise.resolve([path]) };
  const extension = /\.[^.]+(?:\.(?:gz|zst))?$/i.exec(path)?.[0] ?? "";
  const stem = path.slice(0, path.length - extension.length);
  return {
    at: (number) => `${stem}.${String(number).padStart(4, "0")}${extension}`,
    async existing() {
      const folder = dirname(path);
      const [start, end] = [`${basename(stem)}.`, extension];
      const names = await readdir(folder).catch(() => []);
      return names
        .filter(
          (name) =>
            name.startsWith(start) && /^\d{4,}\./.test(name.slice(start.length)) && name.endsWith(end),
        )
        .map((name) => join(folder, name));
    },
  };
}

/** The file that rows come from, where a source of ours tells. */
function fileOf(rows: Iterable<Row> | AsyncIterable<Row>): string | undefined {
  return rows instanceof ReadableStream && "file" in rows && typeof rows.file === "string"
    ? rows.file
    : undefined;
}

/** Rows are read while their examples are written: a file cannot be both. */
async function requireOthers(paths: readonly string[], input: string | undefined): Promise<void> {
  const id = input === undefined ? undefined : await fileId(input);
  if (id === undefined) return;
  for (const path of paths) {
    if ((await fileId(path)) !== id) continue;
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write ${path}: it is the input ${input}, whose rows would be lost; give the output another name`,
      { file: path, option: "output" },
    );
  }
}

function toMessages(row: Row, index: number, options: FinetuneOptions): readonly Message[] {
  return [
    ...(options.system === undefined ? [] : [{ role: "system" as const, content: options.system }]),
    { role: "user", content: readText(row, index, options.prompt) },
    { role: "assistant", content: readText(row, index, options.completion) },
  ];
}

function readText(row: Row, index: number, column: string): string {
  if (!Object.hasOwn(row, column)) {
    const names = Object.keys(row).map((name) => `"${name}"`);
    throw new ParrotError(
      "MISSING_COLUMN",
      `Cannot write ${rowName(index)}: it has no column "${column}"; its columns are ${names.join(", ")}`,
      { row: index, column },
    );
  }
  const cell = getCell(row, column) ?? "";
  const text = cellText(cell) ?? "";
  if (text.trim() !== "") return text;
  throw new ParrotError(
    "INVALID_INPUT",
    `Cannot write ${rowName(index)}: its column "${column}" is empty; leave such rows out or fill them`,
    { row: index, column },
  );
}

/** Tokens as OpenAI counts chats: three around each message, its role and text, and three for the answer. */
function countExample(messages: readonly Message[], countTokens: TokenCounter): number {
  return messages.reduce((sum, { role, content }) => sum + 3 + countTokens(role) + countTokens(content), 3);
}
