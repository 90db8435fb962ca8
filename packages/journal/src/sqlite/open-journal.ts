import {
  checkArgument,
  expecting,
  isParrotError,
  NO_USAGE,
  required,
  stringifyJson,
} from "@parallel-parrot/core";
import { Claims } from "../claims.ts";
import type { JournalBatches } from "../batch-jobs.ts";
import type { BeginOptions, Journal, JournalChecks, JournalOptions, JournalRun } from "../journal.ts";
import type { Manifest } from "../manifest.ts";
import { invalid, messageOf, unusable } from "../journal-error.ts";
import { fileBatches, runBatches } from "./file-batches.ts";
import { JournalReader } from "./reader/journal-reader.ts";
import { JournalWriter } from "./writer/journal-writer.ts";
import { lockJournal } from "../files/lock.ts";
import { createJournalFile, prepareTables } from "./prepare-file.ts";
import { requireOwnPlace } from "../files/own-place.ts";
import { makePrivate } from "../files/private-file.ts";
import { Seals } from "./tables/seals.ts";
import { manifestProblem } from "./tables/stored-columns.ts";

const aPath = required(
  expecting("the path of a file", (value) => typeof value === "string" && value !== ""),
  "the path of a file",
);

/**
 * Opens a journal, or makes one, as its only writer: an SQLite file that only its owner can read. One of an older
 * version is brought up to this one.
 *
 * @throws ParrotError `JOURNAL_IN_USE` where somebody else writes to it, `JOURNAL_UNUSABLE` where the file is
 *   something else, of a newer format, not to be written, or another user may change it; with a secret,
 *   `JOURNAL_FOREIGN` where there are runs in it that were not kept with that secret; `INVALID_OPTION`
 */
export async function openJournal(path: string, options: JournalOptions = {}): Promise<Journal> {
  checkArgument("openJournal", "path", path, aPath);
  const { secret, adopt = false } = options;
  const seals = new Seals(secret);
  if (adopt && secret === undefined)
    throw invalid("adopt", "Cannot use the option adopt without the option secret, which it signs with");
  await createJournalFile(path);
  const unlock = await lockJournal(path);
  try {
    const adopted = prepareTables(path, { seals, adopt });
    await makePrivate(path);
    const journal = new FileJournal(path, { unlock, seals, secret, adopted });
    // Where others may make files beside it, one of them may have made SQLite's log before SQLite did.
    await requireOwnPlace(path).catch(async (error: unknown) => {
      await journal.close();
      throw error;
    });
    return journal;
  } catch (cause) {
    unlock();
    throw isParrotError(cause) ? cause : unusable(path, messageOf(cause), cause);
  }
}

interface Opened {
  readonly unlock: () => void;
  readonly seals: Seals;
  readonly secret: Uint8Array | undefined;
  readonly adopted: number;
}

/** @throws ParrotError `INVALID_OPTION` where it would not be read again */
function toJson(manifest: Manifest): string {
  const problem = manifestProblem(manifest);
  if (problem !== undefined) throw invalid("manifest", `The manifest of a run ${problem}`);
  return stringifyJson(manifest) ?? "{}";
}

class FileJournal implements Journal {
  readonly path: string;
  readonly batches: JournalBatches;
  readonly #unlock: () => void;
  readonly #reader: JournalReader;
  readonly #writer: JournalWriter;
  readonly #claims = new Claims();
  readonly #adopted: number;
  #closed: Promise<void> | undefined;

  constructor(path: string, { unlock, seals, secret, adopted }: Opened) {
    this.path = path;
    this.#unlock = unlock;
    this.#adopted = adopted;
    this.#reader = JournalReader.open(path, seals);
    try {
      this.#writer = new JournalWriter(path, secret);
    } catch (error) {
      this.#reader.close();
      throw error;
    }
    this.batches = fileBatches({ path, reader: this.#reader, writer: this.#writer });
  }

  get checks(): JournalChecks {
    const { damaged, foreign } = this.#reader.unused;
    return { adopted: this.#adopted, damaged, foreign };
  }

  async begin({ identity, manifest = {} }: BeginOptions = {}): Promise<JournalRun> {
    const { id, settled } = await this.#writer.begin(identity ?? null, toJson(manifest));
    const { usage = NO_USAGE, cost = 0 } = this.#reader.runs().find((run) => run.id === id) ?? {};
    this.#reader.begin(id, settled);
    const used = new Set([id]);
    const writer = this.#writer;
    return {
      id,
      path: this.path,
      get ending() {
        return writer.ending;
      },
      get lost() {
        return writer.lost.of(id);
      },
      get movedTo() {
        return writer.movedTo;
      },
      paidBefore: { usage, cost },
      batches: runBatches(id, { path: this.path, reader: this.#reader, writer }),
      find: (key) => {
        const record = this.#reader.find(key);
        if (record !== undefined && !used.has(record.run)) {
          used.add(record.run);
          writer.use(record.run);
        }
        return record;
      },
      append: async (record) => {
        await writer.append(id, record);
        this.#reader.replaced(record.key);
      },
      claim: (key) => this.#claims.take(key),
      release: (key) => this.#claims.release(key),
      settle: (row) => {
        this.#reader.settle(id, row);
        this.#writer.settle(id, row);
      },
      note: async (additions) =>
        this.#writer.note({ run: id, state: "running", additions: toJson(additions) }),
      end: async (state, additions = {}) =>
        this.#writer.note({ run: id, state, additions: toJson(additions) }),
    };
  }

  runs: Journal["runs"] = () => this.#reader.runs();

  records: Journal["records"] = (filter) => this.#reader.records(filter);

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    try {
      this.#reader.close();
      // The last one to close it moves the write-ahead log into the file.
      await this.#writer.close();
    } finally {
      this.#unlock();
    }
  }
}
