import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { messageOf, ParrotError } from "@parallel-parrot/core";

/** What every line of a log begins with, by which a file that exists is known as one. */
const BEGINNING = '{"time":"';
const NEWLINE = "\n".charCodeAt(0);

/**
 * A file that gets a line for each event, behind those that are in it. Each line is written whole and at once: a process
 * that is killed leaves whole lines, nothing gathers in memory, and a slow disk slows the run.
 */
export class EventLog {
  readonly #path: string;
  readonly #file: number;
  /** Ends a line that another process has left without its end. */
  #before: string;

  /** @throws ParrotError `OUTPUT_UNWRITABLE`; `OUTPUT_EXISTS` where the file is something else than a log */
  static open(path: string): EventLog {
    if (path === "-")
      throw new ParrotError(
        "INVALID_OPTION",
        "Standard output is for rows alone: give --log the name of a file",
        { option: "--log" },
      );
    let file: number | undefined;
    try {
      file = openSync(path, flagsFor(path), 0o666);
      return new EventLog(path, file);
    } catch (error) {
      if (file !== undefined) closeSync(file);
      throw asUnwritable(path, error);
    }
  }

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
    const status = fstatSync(file);
    if (status.isFile() && status.nlink > 1)
      throw isOther(
        path,
        "it has another name as well (a hard link), which may be that of any file; name another",
      );
    this.#before = status.isFile() && status.size > 0 ? this.#endOf(status.size) : "";
  }

  /** @throws ParrotError `OUTPUT_UNWRITABLE` */
  write(record: Readonly<Record<string, unknown>>): void {
    const line = Buffer.from(`${this.#before}${JSON.stringify(record)}\n`);
    this.#before = "";
    try {
      for (let written = 0; written < line.length;) written += writeSync(this.#file, line, written);
    } catch (error) {
      throw asUnwritable(this.#path, error);
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Makes sure that what is in the file is a log, and returns what has to come before the next line. */
  #endOf(size: number): string {
    const [beginning, end] = [Buffer.alloc(BEGINNING.length), Buffer.alloc(1)];
    readSync(this.#file, beginning, 0, beginning.length, 0);
    if (beginning.toString() !== BEGINNING)
      throw new ParrotError(
        "OUTPUT_EXISTS",
        `Cannot write the log ${this.#path}: the file exists already and is not a log of events; choose another name with --log`,
        { file: this.#path, option: "--log" },
      );
    readSync(this.#file, end, 0, 1, size - 1);
    return end[0] === NEWLINE ? "" : "\n";
  }
}

/**
 * To read and to add. Whoever has made a folder may have made a link in it to any place, such as a start-up file of a
 * shell that is not there yet, so none is followed but those that the system makes.
 */
function flagsFor(path: string): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  return O_RDWR | O_APPEND | O_CREAT | (/^\/(?:dev|proc)\//.test(path) ? 0 : (O_NOFOLLOW ?? 0));
}

function asUnwritable(path: string, error: unknown): ParrotError {
  if (error instanceof ParrotError) return error;
  if (error instanceof Error && "code" in error && error.code === "ELOOP")
    return isOther(path, "it is a link, which may lead to any file; name the file itself");
  return new ParrotError(
    "OUTPUT_UNWRITABLE",
    `Cannot write the log ${path}: ${messageOf(error)}; make room or choose another file with --log`,
    { file: path, option: "--log" },
  );
}

function isOther(path: string, why: string): ParrotError {
  return new ParrotError("OUTPUT_EXISTS", `Cannot write the log ${path}: ${why} with --log`, {
    file: path,
    option: "--log",
  });
}
