import { ParrotError, type JsonSchema, type Output } from "@parallel-parrot/core";
import { listOf, objectOf, text } from "@parallel-parrot/parse";
import { JOB_ROWS } from "../flags/job-flags.ts";
import type { GenerateDataOptions, GenerateOptions, GenerateTextOptions } from "../flags/options.ts";
import { template, type PromptTemplate } from "@parallel-parrot/template";
import type { Job } from "./job.ts";
import { providerOf } from "./provider-of.ts";
import { outputNameOf } from "../output/output-place.ts";
import { readText } from "../files/read-text.ts";
import { requireImages } from "./require-images.ts";
import type { RunOptions } from "./run-options.ts";

/** Why a job is planned. */
interface Purpose {
  /** Whether requests will be sent; otherwise no key is needed. */
  readonly asks: boolean;
}

/** The options of a run from its job. A job of an earlier version may lack options: they get their defaults. */
export function planJob(job: Job, purpose?: Purpose): Promise<RunOptions> {
  return job.command === "text"
    ? planText({ ...DEFAULTS, ...job.options }, purpose)
    : planData({ ...DEFAULTS, ...job.options }, purpose);
}

const DEFAULTS: Partial<GenerateOptions> = Object.fromEntries(
  JOB_ROWS.map(([name, row]) => [name, row.default]),
);

/** The options of a run from those of `parrot text`. */
export async function planText(options: GenerateTextOptions, purpose?: Purpose): Promise<RunOptions> {
  if (options.outputKey.trim() === "") {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot add a column without a name; give one with --output-key",
      { option: "--output-key" },
    );
  }
  const onFailure = onFailureOf({ ...options, single: true });
  return plan({ ...options, onFailure }, text(options.outputKey, reading(options)), purpose);
}

/** The options of a run from those of `parrot data`. */
export async function planData(options: GenerateDataOptions, purpose?: Purpose): Promise<RunOptions> {
  const { keys, schema, single } = options;
  if ((keys === undefined) === (schema === undefined)) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot tell what to ask for: give either --keys, such as --keys question,answer, or --schema FILE",
      { option: "--keys" },
    );
  }
  const output: Output =
    keys === undefined
      ? outputOfSchema(schema ?? "", await schemaOf(options), options)
      : single
        ? objectOf(keys, reading(options))
        : listOf(keys, reading(options));
  return plan({ ...options, onFailure: onFailureOf(options) }, output, purpose);
}

/**
 * The policy for failed rows. By default a row with a single answer stays, with nulls, and a row with a list of
 * answers is dropped.
 */
export function onFailureOf({
  onFailure,
  single,
}: Pick<GenerateDataOptions, "onFailure" | "single">): RunOptions["onFailure"] {
  return onFailure ?? (single ? "null" : "drop");
}

type Decided = GenerateOptions & Pick<RunOptions, "onFailure">;

async function plan(options: Decided, wanted: Output, purpose?: Purpose): Promise<RunOptions> {
  const prompt = await promptOf(options);
  const provider = await providerOf(options, purpose);
  requireImages(options, provider);
  return { ...options, prompt, provider, wanted, outputPath: outputNameOf(options) };
}

async function promptOf({
  prompt,
  promptFile,
  promptText,
  system,
  imageColumn,
}: GenerateOptions): Promise<PromptTemplate> {
  if ((prompt === undefined) === (promptFile === undefined)) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot tell what to ask: give either --prompt TEXT or --prompt-file FILE",
      { option: "--prompt" },
    );
  }
  const user = prompt ?? promptText ?? (await readText(promptFile ?? "", "--prompt-file"));
  if (user.trim() === "") {
    throw new ParrotError("INVALID_TEMPLATE", "Cannot ask: the prompt is empty", {
      option: "--prompt",
    });
  }
  if (imageColumn.length === 0 && !`${user}${system ?? ""}`.includes("$")) {
    throw new ParrotError(
      "INVALID_TEMPLATE",
      "The prompt has no ${column} in it: every row would get the same question. In a shell, put it in single quotes: --prompt 'Summarise: ${text}'",
      { option: "--prompt" },
    );
  }
  if (imageColumn.length === 0) return system === undefined ? user : { system, user };
  const images = imageColumn.map((column) => template`${column}`);
  return { user, images, ...(system === undefined ? {} : { system }) };
}

async function schemaOf({ schema = "", schemaText }: GenerateDataOptions): Promise<string> {
  return schemaText ?? (await readText(schema, "--schema"));
}

function outputOfSchema(file: string, text: string, options: GenerateDataOptions): Output {
  const schema = parseSchema(file, text);
  const { single } = options;
  const kept = reading(options);
  if (schema["type"] !== "array") return single ? objectOf(schema, kept) : listOf(schema, kept);
  if (single) throw invalidSchema(file, "it describes an array, and --single asks for one object");
  if (!isSchema(schema["items"]))
    throw invalidSchema(file, 'an array needs "items" with the schema of one object');
  return listOf(schema["items"], kept);
}

/** The options of reading answers that are not part of the wanted output. */
function reading({ thoughts }: GenerateOptions): { readonly thoughts?: string } {
  return thoughts === undefined ? {} : { thoughts };
}

function parseSchema(file: string, json: string): JsonSchema {
  try {
    const schema: unknown = JSON.parse(json);
    if (isSchema(schema)) return schema;
  } catch (cause) {
    throw invalidSchema(file, cause instanceof Error ? cause.message : String(cause));
  }
  throw invalidSchema(file, "it is not a JSON object");
}

function invalidSchema(file: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use the schema ${file}: ${why}`, {
    file,
    option: "--schema",
  });
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
