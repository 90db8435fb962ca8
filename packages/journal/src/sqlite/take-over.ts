import { digestOfAnswer, digestOfRun } from "./tables/digests.ts";
import { failed, messageOf } from "../journal-error.ts";
import { FORMAT_VERSION, ID, tablesBetween } from "./tables/schema.ts";
import type { Seals } from "./tables/seals.ts";
import type { Database } from "./sqlite.ts";
import { originOf, originOfRun } from "./tables/stored-columns.ts";
import { readRecords } from "./tables/stored-records.ts";

interface TakeOver {
  readonly seals: Seals;
  /** Whether what others have kept is signed. */
  readonly adopt: boolean;
  /** Of the tables as they are. */
  readonly version: number;
}

/**
 * Brings a journal of an older version up to this one: its records get their checksums. With `adopt`, what others
 * have kept is signed. All of it, or nothing. Gives the number of records that were signed.
 *
 * @throws ParrotError `JOURNAL_FAILED` where there is no room
 */
export function takeOver(path: string, database: Database, { seals, adopt, version }: TakeOver): number {
  const isOld = version < FORMAT_VERSION;
  if (!isOld && !adopt) return 0;
  try {
    database.exec(`BEGIN IMMEDIATE; ${isOld ? tablesBetween(version, FORMAT_VERSION) : ""}`);
    // Those of an old version have nothing to be checked by: they are taken as they are.
    const known = { seals, adopt, isOld };
    const adopted = checkRecords(database, known);
    checkRuns(database, known);
    database.exec("COMMIT");
    return adopted;
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw failed(path, `its records could not be signed as yours: ${messageOf(cause)}`, cause);
  }
}

type Known = Omit<TakeOver, "version"> & { readonly isOld: boolean };

function checkRecords(database: Database, { seals, adopt, isOld }: Known): number {
  const check = database.prepare("UPDATE answer SET sha256 = ?, seal = ? WHERE id = ?");
  let adopted = 0;
  for (const values of readRecords(database, FORMAT_VERSION)) {
    if (!isOld && originOf(values, seals) !== "foreign") continue;
    const id = Number(values[ID]);
    const digest = digestOfAnswer(id, values);
    check.run(digest, adopt ? seals.seal(digest) : null, id);
    if (adopt) adopted += 1;
  }
  return adopted;
}

function checkRuns(database: Database, { seals, adopt, isOld }: Known): void {
  const check = database.prepare("UPDATE run SET sha256 = ?, seal = ? WHERE id = ?");
  for (const columns of database.prepare("SELECT * FROM run").all()) {
    const origin = originOfRun(columns, seals);
    if (!isOld && (origin === "own" || origin === "adopted")) continue;
    const digest = digestOfRun(columns);
    check.run(digest, adopt ? seals.sealAdopted(digest) : null, Number(columns["id"]));
  }
}
