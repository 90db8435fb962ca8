import { digestOfAnswer, digestOfJob, digestOfRun } from "./tables/digests.ts";
import { failed, messageOf } from "../journal-error.ts";
import { CHECKS_VERSION, FORMAT_VERSION, ID, tablesBetween } from "./tables/schema.ts";
import type { Seals } from "./tables/seals.ts";
import type { Database } from "./sqlite.ts";
import { originOf, originOfRun } from "./tables/stored-columns.ts";
import { jobRows, originOfJob } from "./tables/stored-jobs.ts";
import { readRecords } from "./tables/stored-records.ts";

interface TakeOver {
  readonly seals: Seals;
  /** Whether what others have kept is signed. */
  readonly adopt: boolean;
  /** Of the tables as they are. */
  readonly version: number;
}

/**
 * Brings a journal of an older version up to this one: records that have no checksums get them. With `adopt`, what
 * others have kept is signed. All of it, or nothing. Gives the number of records that were signed.
 *
 * @throws ParrotError `JOURNAL_FAILED` where there is no room
 */
export function takeOver(path: string, database: Database, { seals, adopt, version }: TakeOver): number {
  const isOlder = version < FORMAT_VERSION;
  if (!isOlder && !adopt) return 0;
  try {
    database.exec(`BEGIN IMMEDIATE; ${isOlder ? tablesBetween(version, FORMAT_VERSION) : ""}`);
    const adopted = check(database, { seals, adopt, isOld: version < CHECKS_VERSION });
    database.exec("COMMIT");
    return adopted;
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    const what = adopt ? "its records could not be signed as yours" : `it could not be ${UPGRADED}`;
    throw failed(path, `${what}: ${messageOf(cause)}`, cause);
  }
}

const UPGRADED = `brought up from an older format to version ${FORMAT_VERSION}`;

type Known = Omit<TakeOver, "version"> & {
  /** Whether nothing in it can be checked, so that all is taken as it is. */
  readonly isOld: boolean;
};

function check(database: Database, known: Known): number {
  if (!known.isOld && !known.adopt) return 0;
  const adopted = checkRecords(database, known);
  checkRuns(database, known);
  signJobs(database, known.seals);
  return adopted;
}

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

/** Signs the jobs of others: what they answer comes from the API that this user asks for it. */
function signJobs(database: Database, seals: Seals): void {
  const check = database.prepare("UPDATE batch_job SET sha256 = ?, seal = ? WHERE id = ?");
  for (const columns of jobRows(database)) {
    if (originOfJob(database, columns, seals) !== "foreign") continue;
    const digest = digestOfJob(columns);
    check.run(digest, seals.seal(digest), Number(columns["id"]));
  }
}
