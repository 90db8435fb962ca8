import { terminalJson, terminalText } from "@parallel-parrot/core";

/**
 * Writes text to standard output. A terminal gets it without what could do more there than be shown.
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
