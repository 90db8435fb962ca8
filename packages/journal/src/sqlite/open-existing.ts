import { stat } from "node:fs/promises";
import { isParrotError } from "@parallel-parrot/core";
import { messageOf, unusable } from "../journal-error.ts";
import { requireOwnPlace } from "../files/own-place.ts";
import { checkFormat } from "./prepare-file.ts";
import { requireShortSchema } from "./short-schema.ts";
import { openGuarded, type Database } from "./sqlite.ts";

/**
 * Connects to a journal that is there; makes none, and changes none of an older version.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE`
 */
export async function openExisting(
  path: string,
): Promise<{ readonly database: Database; readonly version: number }> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) throw unusable(path, "there is no such file");
  if (!status.isFile()) throw unusable(path, "it is not a file");
  await requireOwnPlace(path);
  let database: Database | undefined;
  try {
    requireShortSchema(path);
    // Not read-only: such a connection would leave the files of the write-ahead log behind.
    database = openGuarded(path);
    database.exec("PRAGMA busy_timeout = 10000");
    return { database, version: checkFormat(path, database) };
  } catch (cause) {
    database?.close();
    throw isParrotError(cause) ? cause : unusable(path, messageOf(cause), cause);
  }
}
