import { unusable } from "../../journal-error.ts";
import { tablesBetween } from "./schema.ts";
import { openDatabase, type Database } from "../sqlite.ts";

/** The tables and indexes of each version, as they were needed. */
const known = new Map<number, readonly string[]>();

/**
 * Refuses a journal that has anything else in its schema than the tables and indexes of its version: a trigger, a
 * view or a computed column would act when it is read or written to.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE`
 */
export function checkSchema(path: string, database: Database, version: number): void {
  const expected = known.get(version) ?? schemaOfVersion(version);
  known.set(version, expected);
  const found = schemaOf(database, expected.length + 1);
  const strange = found.find((each) => !expected.includes(each));
  if (strange !== undefined || found.length !== expected.length)
    throw unusable(
      path,
      `its tables are not those of a journal${strange === undefined ? "" : `, it has ${JSON.stringify(strange.slice(0, 60))}`}: somebody has changed it; name another file, or move this one away`,
    );
}

/** What a schema consists of: how each part was made, whatever its white space. Reading this runs nothing of it. */
export function schemaOf(database: Database, limit: number): readonly string[] {
  const parts = database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema LIMIT ?");
  parts.setReturnArrays(true);
  return parts.all(limit).map((part) => Object.values(part).map(toWords).join(" "));
}

function toWords(value: unknown): string {
  return String(value)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([(),]) ?/g, "$1");
}

function schemaOfVersion(version: number): readonly string[] {
  const database = openDatabase(":memory:");
  try {
    database.exec(tablesBetween(0, version));
    return schemaOf(database, Number.MAX_SAFE_INTEGER);
  } finally {
    database.close();
  }
}
