import { messageOf } from "./journal-error.ts";
import { JournalTables } from "./journal-tables.ts";
import { Reserve } from "./reserve.ts";
import { isFull } from "./sqlite.ts";
import type { WriteReply, WriteRequest, WriterData } from "./write-message.ts";

/** Carries out what is written to a journal's file, one request at a time, wherever it runs. */
export class JournalWrites {
  readonly #data: WriterData;
  readonly #reserve: Reserve;
  #tables: JournalTables | undefined;

  constructor(data: WriterData) {
    this.#data = data;
    this.#reserve = new Reserve(data.path);
  }

  /** Carries one request out and calls `reply` with what came of it. Never throws for the request. */
  carryOut(request: WriteRequest, reply: (reply: WriteReply) => void): void {
    const outcome = this.#outcomeOf(request);
    reply(outcome);
    if (outcome.ok && request.kind === "append") this.#reserve.hold();
  }

  #outcomeOf(request: WriteRequest): WriteReply {
    try {
      return this.#performInReserve(request);
    } catch (error) {
      return { ok: false, message: messageOf(error) };
    }
  }

  /** Where the disk is full, what is in flight goes where the reserve was. */
  #performInReserve(request: WriteRequest): WriteReply {
    try {
      return this.#perform(request);
    } catch (error) {
      if (!isFull(error) || !this.#reserve.release()) throw error;
      this.#perform(request);
      return { ok: true, isLast: messageOf(error) };
    }
  }

  #perform(request: WriteRequest): WriteReply {
    this.#tables ??= new JournalTables(this.#data);
    const { kind } = request;
    if (kind === "begin") {
      const begun = this.#tables.begin(request.identity, request.manifest);
      this.#reserve.renew();
      return { ok: true, begun };
    }
    if (kind === "append") this.#tables.append(request);
    else if (kind === "note") {
      this.#tables.note(request);
      if (request.state !== "running") this.#reserve.release();
    } else {
      this.#tables.close();
      this.#tables = undefined;
      this.#reserve.release();
    }
    return { ok: true };
  }
}
