import { terminalJson, terminalText } from "@parallel-parrot/core";
import { foldLine } from "./fold-line.ts";

/**
 * Writes text to standard output. For a terminal, what would be obeyed there instead of shown is taken out.
 *
 * @returns whether more can be written at once
 */
export function print(text: string): boolean {
  return process.stdout.write(process.stdout.isTTY ? terminalText(text) : text);
}

/** {@linkcode print} for lines of words, which are as wide as a terminal is. */
export function printLines(text: string): boolean {
  const { isTTY, columns } = process.stdout;
  const lines = text.split("\n");
  return print(isTTY && columns > 0 ? lines.map((line) => foldLine(line, columns)).join("\n") : text);
}

/** {@linkcode print} for JSON, which says the same on a terminal, in escapes. */
export function printJson(json: string): boolean {
  return process.stdout.write(process.stdout.isTTY ? terminalJson(json) : json);
}
