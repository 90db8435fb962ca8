import { isRecord, parseJson, ParrotError } from "@parallel-parrot/core";
import { refuseSecretFields } from "./refuse-secret-fields.ts";

/** The options that add fields to the body of requests. */
export interface ExtraBodyOptions {
  /** Each `key=json`. */
  readonly param?: readonly string[] | undefined;
  /** The name of a file with a JSON object. */
  readonly extraBody?: string | undefined;
  /** What is in that file. */
  readonly extraBodyText?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The fields that `--param` and `--extra-body` add to the body of requests, as one object; `undefined` without any.
 *
 * @throws ParrotError `INVALID_OPTION` that names what cannot be read, is given twice or is a secret
 */
export function extraBodyOf({
  param = [],
  extraBody = "",
  extraBodyText,
}: ExtraBodyOptions): Fields | undefined {
  const ofFile =
    extraBodyText === undefined
      ? []
      : [[fieldsOfFile(extraBody, extraBodyText), `--extra-body ${extraBody}`] as const];
  const parts = [...ofFile, ...param.map((text) => [fieldsOfParam(text), `--param ${keyOf(text)}`] as const)];
  if (parts.length === 0) return undefined;
  let fields: Fields = {};
  const whoseFirst = new Map<string, string>();
  for (const [part, source] of parts) fields = merge(fields, part, { source, whoseFirst, path: "" });
  refuseSecretFields(fields);
  return fields;
}

function fieldsOfFile(file: string, text: string): Fields {
  const label = `${file}, given as --extra-body`;
  const value = exactly(text, label, "--extra-body");
  if (isRecord(value)) return value;
  throw invalid(
    `Cannot use ${label}: expected a JSON object, such as {"service_tier":"flex"}`,
    "--extra-body",
  );
}

function keyOf(text: string): string {
  return text.slice(0, Math.max(0, text.indexOf("="))).trim();
}

/** `service_tier=flex` or `options.num_ctx=8192`: what is no JSON is a text. */
function fieldsOfParam(text: string): Fields {
  const key = keyOf(text);
  const steps = key.split(".");
  if (key === "" || steps.includes("") || steps.includes("__proto__")) {
    throw invalid(
      `Cannot read --param ${text}: write it as NAME=VALUE, with dots for what is inside, such as service_tier=flex or options.num_ctx=8192`,
      "--param",
    );
  }
  const value = valueOf(text.slice(text.indexOf("=") + 1).trim(), key);
  return steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value) as Fields;
}

function valueOf(text: string, key: string): unknown {
  const isMeantAsJson = /^[[{"]/.test(text);
  return isMeantAsJson || isJson(text) ? exactly(text, `--param ${key}`, "--param") : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads JSON whose numbers can be sent as they are written. */
function exactly(text: string, label: string, option: string): unknown {
  let problem: string | undefined;
  const onRounded = (number: string): void => {
    problem ??= `the number ${number} has more digits than can be sent`;
  };
  let value: unknown;
  try {
    value = parseJson(text, { onRounded });
    JSON.stringify(value, (_, each: unknown) => {
      if (typeof each === "bigint") onRounded(String(each));
      return typeof each === "bigint" ? 0 : each;
    });
    // The value has such a number as a text, which is not what was meant.
    JSON.parse(text, (_, each: unknown) => {
      if (each === Infinity || each === -Infinity) problem ??= "no number beyond 1.8e308 can be sent";
      return each;
    });
  } catch (cause) {
    throw invalid(
      `Cannot read ${label} as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      option,
    );
  }
  if (problem === undefined) return value;
  throw invalid(`Cannot use ${label}: ${problem}`, option);
}

interface Merging {
  readonly source: string;
  /** Which option set the value at a path. */
  readonly whoseFirst: Map<string, string>;
  readonly path: string;
}

function merge(fields: Fields, more: Fields, { source, whoseFirst, path }: Merging): Fields {
  const merged: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(more)) {
    const here = `${path}${name}`;
    const there = merged[name];
    if (isRecord(there) && isRecord(value)) {
      merged[name] = merge(there, value, { source, whoseFirst, path: `${here}.` });
      continue;
    }
    if (Object.hasOwn(fields, name)) {
      const first =
        whoseFirst.get(here) ??
        [...whoseFirst].find(([other]) => other.startsWith(`${here}.`))?.[1] ??
        "another";
      throw invalid(`Cannot send ${here} twice: ${first} and ${source} both set it`, "--param");
    }
    merged[name] = value;
    note(here, value, source, whoseFirst);
  }
  return merged;
}

function note(path: string, value: unknown, source: string, whoseFirst: Map<string, string>): void {
  whoseFirst.set(path, source);
  if (!isRecord(value)) return;
  for (const [name, inner] of Object.entries(value)) note(`${path}.${name}`, inner, source, whoseFirst);
}

function invalid(message: string, option: string): ParrotError {
  return new ParrotError("INVALID_OPTION", message, { option });
}
