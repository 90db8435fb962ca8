import { stripVTControlCharacters } from "node:util";
import { isParrotError, terminalLine, type ParrotError } from "@parallel-parrot/core";
import { wordsOf } from "../flags/error-words.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** Writes a line for the person at the terminal. Data goes to standard output, everything else here. */
export function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Text from rows and models made fit for a terminal. */
export function printable(text: string): string {
  return terminalLine(stripVTControlCharacters(text));
}

/** What the option that an error names is called here. */
export function flagOf({ option = "" }: ParrotError): string {
  return wordsOf(option) ?? option;
}

/** An error's message, with the options that it names as they are called here. */
export function messageOf({ message, option = "" }: ParrotError): string {
  const flags = wordsOf(option);
  return flags === undefined ? message : `${message} (here: ${flags})`;
}

/** Tells of an error in one line and gives the exit code for it. */
export function reportError(error: unknown): ExitCode {
  // As in `parrot … | head`: nothing to tell and nobody to tell it to.
  if (isBrokenPipe(error)) return EXIT.ok;
  if (isParrotError(error)) {
    say(`parrot: ${messageOf(error)}`);
    return EXIT.usage;
  }
  say(`parrot: ${error instanceof Error ? error.message : String(error)}`);
  if (isSystemError(error)) return EXIT.usage;
  if (process.env["PARROT_DEBUG"] !== undefined && error instanceof Error) say(error.stack ?? "");
  else say("This looks like a fault of parrot itself. Set PARROT_DEBUG=1 for details.");
  return EXIT.crash;
}

/** Such as a full disk behind standard output. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** Whether the reader of our output has gone. */
export function isBrokenPipe(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && cause.code === "EPIPE") return true;
  }
  return false;
}
