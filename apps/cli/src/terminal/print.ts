import { terminalJson, terminalText } from "@parallel-parrot/core";

/**
 * Writes text to standard output. For a terminal, what would be obeyed there instead of shown is taken out.
 *
 * @returns whether more can be written at once
 */
export function print(text: string): boolean {
  return process.stdout.write(process.stdout.isTTY ? terminalText(text) : text);
}

/** {@linkcode print} for JSON, which says the same on a terminal, in escapes. */
export function printJson(json: string): boolean {
  return process.stdout.write(process.stdout.isTTY ? terminalJson(json) : json);
}
