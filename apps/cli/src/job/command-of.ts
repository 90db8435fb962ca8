import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { dataCommand, textCommand } from "../generate-command.ts";
import type { Job } from "./job.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { usualBaseUrl } from "./inline-files.ts";

/** What a person has to give anew: whose key is used, what may be lost, and whom to trust. */
const NEVER = new Set(["keyFile", "overwrite", "trustJournal", "quiet", "journal"]);

/**
 * The command that would begin a job anew, for a person to read and type. The job may be somebody else's: what its
 * options do not have is left out, and nothing in it gets out of its quotes.
 */
export function commandOf(job: Job): string {
  const command: CommandUnknownOpts =
    job.command === "text" ? textCommand(() => undefined) : dataCommand(() => undefined);
  const values: Readonly<Record<string, unknown>> = { ...job.options };
  const options = command.options.flatMap((option) =>
    wordsOf(option, values[option.attributeName()], values),
  );
  // What looks like an option is a file all the same.
  const input = job.input.startsWith("-") && job.input !== "-" ? `./${job.input}` : job.input;
  return ["parrot", job.command, input, ...options].map(shellWord).join(" ");
}

function wordsOf(option: Option, value: unknown, all: Readonly<Record<string, unknown>>): readonly string[] {
  const name = option.attributeName();
  const flag = option.long ?? "";
  if (NEVER.has(name) || value === undefined || value === null) return [];
  if (option.negate) return value === false ? [flag] : [];
  if (option.isBoolean()) return value === true ? [flag] : [];
  if (JSON.stringify(value) === JSON.stringify(option.defaultValue)) return [];
  if (name === "baseUrl" && value === usualBaseUrl(String(all["model"]))) return [];
  if (name === "imageColumn" && Array.isArray(value))
    return value.flatMap((each) => withValue(flag, String(each)));
  if (name === "keys" && Array.isArray(value)) return withValue(flag, value.join(","));
  if (option.variadic && Array.isArray(value)) return value.flatMap((each) => withValue(flag, String(each)));
  if (name === "maxFailures") return withValue(flag, failuresOf(value));
  if (name === "price") return withValue(flag, priceOf(value));
  return typeof value === "string" || typeof value === "number" ? withValue(flag, String(value)) : [];
}

/** What looks like an option, or is nothing, is the value all the same. */
function withValue(flag: string, value: string): readonly string[] {
  return value === "" || value.startsWith("-") ? [`${flag}=${value}`] : [flag, value];
}

function failuresOf(value: unknown): string {
  const { rows, share } = fieldsOf(value);
  return typeof share === "number" ? `${Number((share * 100).toFixed(6))}%` : String(rows);
}

/** As `--price` takes it. */
function priceOf(value: unknown): string {
  const { input, output, cachedInput, maxOutputTokens } = fieldsOf(value);
  return Object.entries({ input, output, cached: cachedInput, "max-output": maxOutputTokens })
    .filter(([, rate]) => typeof rate === "number")
    .map(([name, rate]) => `${name}=${String(rate)}`)
    .join(",");
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
