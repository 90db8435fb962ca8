import type { BigIntStats } from "node:fs";
import { statSync } from "node:fs";
import { messageOf } from "../../journal-error.ts";
import { JournalTables } from "./journal-tables.ts";
import { Reserve } from "../../files/reserve.ts";
import { writeAnew } from "./write-anew.ts";
import { isFull } from "../sqlite.ts";
import type { WriteReply, WriteRequest, WriterData } from "./write-message.ts";

/** Room for the answers in flight when a disk fills up: thousands of short ones, or hundreds of long ones. */
const ANSWERS = { name: "reserve", mostBytes: 16 * 2 ** 20 };
/** Room to say that a run has ended, and what of it was lost. */
const LAST_WORD = { name: "last-word", mostBytes: 256 * 2 ** 10 };

/** Carries out what is written to a journal's file, one request at a time, wherever it runs. */
export class JournalWrites {
  readonly #data: WriterData;
  readonly #reserve: Reserve;
  readonly #lastWord: Reserve;
  #tables: JournalTables | undefined;
  /** The file that was opened. */
  #file: BigIntStats | undefined;
  #movedTo: string | undefined;

  constructor(data: WriterData) {
    this.#data = data;
    this.#reserve = new Reserve(data.path, ANSWERS);
    this.#lastWord = new Reserve(data.path, LAST_WORD);
  }

  /** Carries one request out and calls `reply` with what came of it. Never throws for the request. */
  carryOut(request: WriteRequest, reply: (reply: WriteReply) => void): void {
    const outcome = this.#outcomeOf(request);
    reply(outcome);
    if (!outcome.ok || request.kind !== "append" || outcome.isMoved === true) return;
    this.#lastWord.hold();
    this.#reserve.hold();
  }

  #outcomeOf(request: WriteRequest): WriteReply {
    try {
      return this.#performInReserve(request);
    } catch (error) {
      return { ok: false, message: messageOf(error), isFull: isFull(error) };
    }
  }

  /** Writes to the room of the reserve when the disk is full, as there are answers in flight. */
  #performInReserve(request: WriteRequest): WriteReply {
    try {
      return this.#perform(request);
    } catch (error) {
      for (const reserve of this.#reservesFor(request)) {
        if (!isFull(error) || !reserve.release()) continue;
        const reply = this.#tryAgain(request);
        if (reply !== undefined) return { ...reply, isLast: messageOf(error) };
      }
      throw error;
    }
  }

  /** What a request may take of the room that is held back: nothing if it leads to new spending. */
  #reservesFor({ kind }: WriteRequest): readonly Reserve[] {
    if (kind === "plan") return [];
    return kind === "append" || kind === "job" ? [this.#reserve] : [this.#reserve, this.#lastWord];
  }

  /** `undefined` where there is still no room. */
  #tryAgain(request: WriteRequest): Extract<WriteReply, { ok: true }> | undefined {
    try {
      return this.#perform(request);
    } catch (error) {
      if (isFull(error)) return undefined;
      throw error;
    }
  }

  #perform(request: WriteRequest): Extract<WriteReply, { ok: true }> {
    const tables = (this.#tables ??= this.#open());
    const { kind } = request;
    if (kind === "begin") {
      const begun = tables.begin(request.identity, request.manifest);
      this.#reserve.renew();
      this.#lastWord.renew();
      return { ok: true, begun };
    }
    if (kind === "append") {
      tables.append(request);
      return { ok: true, isMoved: !this.#isThere() };
    }
    if (kind === "plan") return { ok: true, planned: tables.plan(request), isMoved: !this.#isThere() };
    if (kind === "job") {
      tables.changeJob(request);
      return { ok: true, isMoved: !this.#isThere() };
    }
    if (kind === "note") tables.note(request);
    if (kind === "note" && request.state === "running") return { ok: true };
    this.#reserve.release();
    this.#lastWord.release();
    const movedTo = this.#isThere() ? undefined : this.#writeAnew(tables);
    if (kind === "close") {
      tables.close();
      this.#tables = undefined;
    }
    return { ok: true, ...(movedTo !== undefined && { movedTo }) };
  }

  #open(): JournalTables {
    const tables = new JournalTables(this.#data);
    this.#file = statSync(this.#data.path, { bigint: true });
    return tables;
  }

  /** Whether its path still leads to the file. Others may remove a folder at any time, and the system does not tell. */
  #isThere(): boolean {
    const status = statSync(this.#data.path, { bigint: true, throwIfNoEntry: false });
    return status?.ino === this.#file?.ino && status?.dev === this.#file?.dev;
  }

  /** Writes the journal to a new file where its path leads. Once, as what follows ends the same run. */
  #writeAnew(tables: JournalTables): string {
    this.#movedTo ??= writeAnew(this.#data.path, (path) => tables.copyTo(path));
    return this.#movedTo;
  }
}
