import { stat } from "node:fs/promises";
import { isParrotError } from "@parallel-parrot/core";
import { messageOf, unusable } from "./journal-error.ts";
import { checkFormat } from "./prepare-file.ts";
import { openDatabase, type Database } from "./sqlite.ts";

/** Connects to a journal that is there; makes none. @throws ParrotError `JOURNAL_UNUSABLE` */
export async function openExisting(path: string): Promise<Database> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) throw unusable(path, "there is no such file");
  if (!status.isFile()) throw unusable(path, "it is not a file");
  let database: Database | undefined;
  try {
    // Not as read only: such a connection would leave its companions of the write-ahead log behind.
    database = openDatabase(path);
    database.exec("PRAGMA busy_timeout = 10000");
    checkFormat(path, database);
    return database;
  } catch (cause) {
    database?.close();
    throw isParrotError(cause) ? cause : unusable(path, messageOf(cause), cause);
  }
}
