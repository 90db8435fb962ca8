import { ParrotError } from "@parallel-parrot/core";
import { readText } from "../files/read-text.ts";
import { headerFile, REFERENCE, splitHeader } from "../flags/header-text.ts";

/** The headers of `--header`, by whether their values are secrets. */
export interface GivenHeaders {
  readonly headers: Readonly<Record<string, string>>;
  /** Values from the environment or from a file. */
  readonly secretHeaders: Readonly<Record<string, string>>;
}

/**
 * Reads what is given as `--header`: `name: value`, with `$NAME` or `${NAME}` in the value for what is in the
 * environment and `$$` for a dollar sign, or `name: @FILE` for what is in a file. No message shows a value.
 *
 * @throws ParrotError `INVALID_OPTION` that names the header, or `INPUT_NOT_FOUND` and the like for its file
 */
export async function readHeaders(given: readonly string[]): Promise<GivenHeaders> {
  const headers: Record<string, string> = {};
  const secretHeaders: Record<string, string> = {};
  for (const [position, text] of given.entries()) {
    const { name, value } = splitHeader(text, position);
    if (Object.keys({ ...headers, ...secretHeaders }).some((other) => isSame(other, name)))
      throw invalid(name, "it is given twice");
    const { text: sent, isSecret } = await valueOf(name, value);
    (isSecret ? secretHeaders : headers)[name] = sent;
  }
  return { headers, secretHeaders };
}

/** A value as it is sent. */
interface Value {
  readonly text: string;
  /** Whether a part of it comes from the environment or from a file. */
  readonly isSecret: boolean;
}

async function valueOf(name: string, value: string): Promise<Value> {
  const file = headerFile(value);
  if (file !== undefined) return { text: await fromFile(name, file), isSecret: true };
  let isSecret = false;
  const text = value.replaceAll(REFERENCE, (_, bare: string | undefined, braced: string | undefined) => {
    const variable = bare ?? braced;
    if (variable === undefined) return "$";
    isSecret = true;
    return fromEnvironment(name, variable);
  });
  if (!isSecret) refuseSecretName(name);
  return { text, isSecret };
}

async function fromFile(name: string, file: string): Promise<string> {
  const text = (await readText(file, `--header ${name}`)).trim();
  if (text === "") throw invalid(name, `${file} is empty`);
  if (/[\r\n]/.test(text)) throw invalid(name, `${file} has more than one line`);
  return text;
}

function fromEnvironment(name: string, variable: string): string {
  const value = process.env[variable]?.trim();
  if (value) return value;
  throw invalid(name, `the environment variable ${variable} is not set`);
}

/** Names of headers that carry credentials. */
const SECRET_NAME = /auth|cookie|credential|key|passw|secret|token/i;

function refuseSecretName(name: string): void {
  if (!SECRET_NAME.test(name)) return;
  throw invalid(
    name,
    `a secret is not given in the command itself, where other users of the machine can read it. Name an environment variable, in single quotes ('${name}: $NAME'), or a file ('${name}: @FILE')`,
  );
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function invalid(name: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot send the header ${name}: ${why}`, { option: "--header" });
}
