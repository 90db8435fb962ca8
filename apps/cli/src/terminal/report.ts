import { stripVTControlCharacters } from "node:util";
import { isParrotError, terminalLine, type ErrorCode, type ParrotError } from "@parallel-parrot/core";
import { adviceInsteadOf, wordsOf } from "../flags/error-words.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { beforeWrites } from "./before-writes.ts";
import { foldLine } from "./fold-line.ts";
import { StatusLine } from "./status-line.ts";

let status: StatusLine | undefined;

/**
 * Begins a status line on the terminal that standard error is; what is said from now on stands above it, as do rows on
 * standard output where that is the terminal too.
 */
export function showStatus(): Pick<StatusLine, "draw" | "end"> {
  const line = new StatusLine(process.stderr);
  status = line;
  const { stdout } = process;
  const ignore = stdout.isTTY ? beforeWrites(stdout, (text) => line.makeWay(text)) : undefined;
  return {
    draw: (text) => line.draw(text),
    end() {
      line.end();
      ignore?.();
      status = undefined;
    },
  };
}

/** Writes a line for a person, to standard error, as wide as the terminal is. Standard output is for data alone. */
export function say(line: string): void {
  const { isTTY, columns } = process.stderr;
  const whole = printable(line);
  const text = isTTY && columns > 0 ? foldLine(whole, columns) : whole;
  if (status === undefined) process.stderr.write(`${text}\n`);
  else status.say(text);
}

/** A text from rows or models, without what a terminal would obey. */
export function printable(text: string): string {
  return terminalLine(stripVTControlCharacters(text));
}

/** The option that an error names, as the command line calls it. */
export function flagOf({ option = "" }: ParrotError): string {
  return wordsOf(option) ?? option;
}

/** Options that an error of a code advises, beside its own. */
const ALSO_NAMED: Partial<Readonly<Record<ErrorCode, readonly string[]>>> = {
  BUDGET_EXHAUSTED: ["maxTokens"],
};

/** An error's message in the words of the command line: its option is called by the flag, in its place or after it. */
export function messageOf({ code, message, option = "" }: ParrotError): string {
  const instead = adviceInsteadOf(option);
  if (instead !== undefined) return message.replace(/; [^;]*$/, `; ${instead}`);
  let said = message;
  // Two options may be at fault together.
  const names = [...option.split(", "), ...(ALSO_NAMED[code] ?? []).filter((name) => message.includes(name))];
  const unsaid = names.flatMap((name) => {
    const flags = wordsOf(name, code);
    if (flags === undefined) return [];
    const before = said;
    if (!flags.includes(",")) said = withFlags(said, name, flags);
    return said === before ? [flags] : [];
  });
  return unsaid.length === 0 ? said : `${said} (here: ${unsaid.join("; ")})`;
}

function withFlags(message: string, option: string, flags: string): string {
  const said = message
    .replaceAll(new RegExp(`set the option ${option}: (?:true|false|"\\w+")`, "g"), `use ${flags}`)
    .replaceAll(new RegExp(`the option ${option}(?!\\w)`, "g"), flags);
  // A name such as `journal` may be meant as the word.
  const isCode = /[a-z][.A-Z]/.test(option) && !flags.includes(" ");
  return isCode ? said.replaceAll(new RegExp(`(?<![\\w.])${option}(?!\\w)`, "g"), flags) : said;
}

/** Writes an error in one line and returns the exit code for it. */
export function reportError(error: unknown): ExitCode {
  // The reader has left, as in `parrot … | head`. That is not an error.
  if (isBrokenPipe(error)) return EXIT.ok;
  if (isParrotError(error)) {
    say(`parrot: ${messageOf(error)}`);
    return EXIT.usage;
  }
  say(`parrot: ${error instanceof Error ? error.message : String(error)}`);
  if (isSystemError(error)) return EXIT.usage;
  if (process.env["PARROT_DEBUG"] !== undefined && error instanceof Error) say(error.stack ?? "");
  else say("This looks like a bug in parrot. Set PARROT_DEBUG=1 for details.");
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
