import { stripVTControlCharacters } from "node:util";
import { isParrotError, terminalLine, type ParrotError } from "@parallel-parrot/core";
import { wordsOf } from "../flags/error-words.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** Writes a line for a person, to standard error. Standard output is for data alone. */
export function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** A text from rows or models, without what a terminal would obey. */
export function printable(text: string): string {
  return terminalLine(stripVTControlCharacters(text));
}

/** The option that an error names, as the command line calls it. */
export function flagOf({ option = "" }: ParrotError): string {
  return wordsOf(option) ?? option;
}

/** An error's message with the name that its option has on the command line: in the place of its own, or behind it. */
export function messageOf({ message, option = "" }: ParrotError): string {
  let said = message;
  // Two options may be at fault together.
  const unsaid = option.split(", ").flatMap((name) => {
    const flags = wordsOf(name);
    if (flags === undefined) return [];
    // A name such as `journal` may be meant as the word.
    const isCode = /[a-z][.A-Z]/.test(name) && !flags.includes(" ");
    const before = said;
    if (isCode) said = said.replaceAll(new RegExp(`(?<![\\w.])${name}(?!\\w)`, "g"), flags);
    return said === before ? [flags] : [];
  });
  return unsaid.length === 0 ? said : `${said} (here: ${unsaid.join("; ")})`;
}

/** Writes an error in one line and returns the exit code for it. */
export function reportError(error: unknown): ExitCode {
  // The reader has left, as in `parrot … | head`. That is no error.
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

/** Whether the operating system refused something, such as a write to a full disk. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** Whether the reader of standard output has left. */
export function isBrokenPipe(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && cause.code === "EPIPE") return true;
  }
  return false;
}
