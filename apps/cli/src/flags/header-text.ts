import { resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";

/** The names of the headers, which is all of them that is kept and shown. */
export function headerNames(given: readonly string[]): readonly string[] {
  return given.map((text, position) => splitHeader(text, position).name);
}

/** `$$`, `$NAME` or `${NAME}` in the value of a header. */
export const REFERENCE: RegExp = /\$\$|\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\}/g;

/** The environment variables that the headers name. */
export function headerVariables(given: readonly string[]): readonly string[] {
  return given.flatMap((text) =>
    Array.from(text.matchAll(REFERENCE), ([, bare, braced]) => bare ?? braced ?? []).flat(),
  );
}

/** The files that the headers are read from. */
export function headerFiles(given: readonly string[]): readonly string[] {
  return given.flatMap((text) => headerFile(partsOf(text).value) ?? []);
}

/** The same header with the name of its file as seen from anywhere. */
export function fromAnywhere(text: string): string {
  const [file] = headerFiles([text]);
  return file === undefined ? text : text.replace(/@.*$/s, () => `@${resolve(file)}`);
}

/** A header as it may be shown in a command: with its value only where that is a reference. */
export function shownHeader(text: string): string {
  const { name, value } = splitHeader(text);
  return /^(?:@.+|\$(?:\w+|\{\w+\}))$/.test(value) ? text : `${name}: …`;
}

/** The two parts of what is given as `--header`. */
export interface HeaderText {
  readonly name: string;
  readonly value: string;
}

/**
 * Splits `name: value`. @param position which `--header` of the command it is, as a message must not show a value
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function splitHeader(text: string, position = 0): HeaderText {
  const { name, value } = partsOf(text);
  if (/^[^\s:]+$/.test(name)) return { name, value };
  // Without a colon, the text may be the value.
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot read --header number ${position + 1}: it has no colon; write it as in --header 'x-team: red' or --header 'x-key: $NAME'`,
    { option: "--header" },
  );
}

/** What is before the first colon and what is behind it; nothing of a text without a colon. */
function partsOf(text: string): HeaderText {
  const colon = text.indexOf(":");
  if (colon === -1) return { name: "", value: "" };
  return { name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() };
}

/** The file that a value names: `@FILE`. */
export function headerFile(value: string): string | undefined {
  return value.startsWith("@") && value.length > 1 ? value.slice(1) : undefined;
}
