import { counted, ParrotError, type JsonSchema, type Output } from "@parallel-parrot/core";
import { listOf, objectOf, text, vote } from "@parallel-parrot/parse";
import { isModelByRow } from "@parallel-parrot/transport";
import { MODEL_COLUMN } from "../compare/compared-models.ts";
import { planComparison } from "../compare/plan-comparison.ts";
import { JOB_ROWS } from "../flags/job-flags.ts";
import type { GenerateColumnsOptions, GenerateOptions, GenerateTextOptions } from "../flags/options.ts";
import { template, type PromptTemplate } from "@parallel-parrot/template";
import { withOptions, type Job, type Step } from "./job.ts";
import { priceOf } from "./price-of.ts";
import { providerOfRows } from "../by-row/provider-by-row.ts";
import { rowParamsOf, withoutTemplates } from "../by-row/row-values.ts";
import { outputNameOf } from "../output/output-place.ts";
import { readText } from "../files/read-text.ts";
import { nameOf } from "../terminal/name-of.ts";
import { requireBatchOptions } from "./require-batch.ts";
import { requireGroupOptions } from "./require-groups.ts";
import { requireImages } from "./require-images.ts";
import type { RunOptions, StepOptions } from "./run-options.ts";
import { inStep } from "../steps/in-step.ts";
import { requireStepOptions } from "../steps/require-step-options.ts";

/** Why a job is planned. */
interface Purpose {
  /** Whether requests will be sent; otherwise no key is needed. */
  readonly asks: boolean;
}

/** The options of a run from its job. A job of an earlier version may lack options: they get their defaults. */
export async function planJob(job: Job, purpose?: Purpose): Promise<RunOptions> {
  const { name, later = [] } = job;
  if (name === undefined || later.length === 0) return planStep(job, purpose);
  requireStepOptions(job);
  const first = await inStep(name, () => planStep(job, purpose));
  const steps: StepOptions[] = [];
  for (const step of later) {
    const options = await inStep(step.name, () => planStep({ ...step, inputs: job.inputs }, purpose));
    steps.push({ ...options, name: step.name });
  }
  return { ...first, name, later: steps };
}

async function planStep(job: Job, purpose?: Purpose): Promise<RunOptions> {
  const asked = withOptions(job, { ...DEFAULTS, ...job.options });
  const { wanted: each, notes } = await wantedOf(asked);
  const { options } = asked;
  requireBatchOptions(options);
  requireGroupOptions(options);
  const wanted = votedOutput(each, options);
  const prompt = await promptOf(options);
  const provider = await providerOfRows(job.inputs, options, purpose);
  requireImages(options, provider);
  const onFailure = onFailureOf(asked);
  const comparison = planComparison(asked, { wanted, onFailure });
  const rowParams = rowParamsOf(options);
  return {
    ...withoutTemplates(options),
    ...(rowParams === undefined ? {} : { rowParams }),
    // Where rows choose among models, each has its price with its provider.
    price: isModelByRow(provider) ? undefined : priceOf(options),
    ...(comparison === undefined ? {} : { comparison, ...keptColumns(options) }),
    onFailure,
    hasList: asksForList(asked),
    prompt,
    provider,
    wanted,
    notes,
    outputPath: outputNameOf(options),
  };
}

/** The column that tells a model's answers from those of the others stays until they stand side by side. */
function keptColumns({ columns }: GenerateOptions): Pick<GenerateOptions, "columns"> {
  return columns === undefined || columns.includes(MODEL_COLUMN)
    ? {}
    : { columns: [...columns, MODEL_COLUMN] };
}

const DEFAULTS: Partial<GenerateOptions> = Object.fromEntries(
  JOB_ROWS.map(([name, row]) => [name, row.default]),
);

/** What answers have to look like, and what a person should know of it. */
type Wanted = Pick<RunOptions, "wanted" | "notes">;

async function wantedOf({ command, options }: Job): Promise<Wanted> {
  if (command === "text") return { wanted: textOf(options), notes: [] };
  if (command === "columns") return objectsOf({ ...options, asksForOne: "parrot columns" });
  return objectsOf({ ...options, asksForOne: options.single ? "--single" : undefined });
}

/** The output where one answer of several is kept; the output itself where all are. */
function votedOutput(
  each: Output,
  { n, vote: isVote, voteBy, keepDuplicates, dedupe }: GenerateOptions,
): Output {
  if (keepDuplicates && dedupe)
    throw optionError(
      "--keep-duplicates",
      "Cannot keep equal answers and leave them out: give either --keep-duplicates or --dedupe",
    );
  if (!isVote && voteBy === undefined) return each;
  if (keepDuplicates)
    throw optionError(
      "--keep-duplicates",
      "A vote keeps one answer of each row: give either --vote or --keep-duplicates",
    );
  if (n < 2)
    throw optionError(
      "--vote",
      `Cannot take a vote of ${counted(n, "answer")}: --n tells how many answers a row gets, such as --n 5`,
    );
  return vote(each, voteBy === undefined ? {} : { by: voteBy });
}

function optionError(option: string, message: string): ParrotError {
  return new ParrotError("INVALID_OPTION", message, { option });
}

function textOf(options: GenerateTextOptions): Output {
  if (options.outputKey.trim() === "") {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot add a column without a name; give one with --output-key",
      { option: "--output-key" },
    );
  }
  return text(options.outputKey, reading(options));
}

/** The options of `columns` or `data`, and what makes it ask for one object per row rather than a list of them. */
type ObjectOptions = GenerateColumnsOptions & {
  readonly asksForOne: "parrot columns" | "--single" | undefined;
};

async function objectsOf(options: ObjectOptions): Promise<Wanted> {
  const { keys, schema, asksForOne } = options;
  if ((keys === undefined) === (schema === undefined)) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot tell what to ask for: give either --keys, such as --keys question,answer, or --schema FILE",
      { option: "--keys" },
    );
  }
  if (keys === undefined) return outputOfSchema(schema ?? "", await schemaOf(options), options);
  const kept = reading(options);
  return { wanted: asksForOne === undefined ? listOf(keys, kept) : objectOf(keys, kept), notes: [] };
}

/**
 * The policy for failed rows. By default a row with a single answer stays, with nulls, and a row with a list of
 * answers is dropped.
 */
export function onFailureOf(job: Job | Step): RunOptions["onFailure"] {
  return job.options.onFailure ?? (asksForList(job) ? "drop" : "null");
}

function asksForList({ command, options }: Job | Step): boolean {
  return command === "data" && !options.single;
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

async function schemaOf({ schema = "", schemaText }: GenerateColumnsOptions): Promise<string> {
  return schemaText ?? (await readText(schema, "--schema"));
}

function outputOfSchema(file: string, text: string, options: ObjectOptions): Wanted {
  const schema = parseSchema(file, text);
  const { asksForOne } = options;
  const kept = reading(options);
  if (schema["type"] !== "array")
    return asksForOne === undefined
      ? { wanted: listOf(schema, kept), notes: [listOfObjects(file)] }
      : { wanted: objectOf(schema, kept), notes: [] };
  if (asksForOne !== undefined)
    throw invalidSchema(
      file,
      `it describes an array, and ${asksForOne} asks for one object per row; parrot data makes a row of each object of a list`,
    );
  if (!isSchema(schema["items"]))
    throw invalidSchema(file, 'an array needs "items" with the schema of one object');
  return { wanted: listOf(schema["items"], kept), notes: [] };
}

function listOfObjects(file: string): string {
  return `${nameOf(file)} describes one object, and parrot data asks for a list of such objects for each row; parrot columns asks for one`;
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
