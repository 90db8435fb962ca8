import type { ParrotError } from "@parallel-parrot/core";
import type { JournalRecord } from "../../journal.ts";
import { failed, messageOf, moved } from "../../journal-error.ts";
import { LostAnswers } from "./lost-answers.ts";
import { BATCH_JOB, type AnswerValues } from "../tables/schema.ts";
import type {
  BegunRun,
  JobColumnValues,
  Paid,
  RequestValues,
  WriteReply,
  WriteRequest,
} from "./write-message.ts";
import { startWriterHost, type WriterHost } from "./writer-host.ts";

/** Records of one commit, at most. */
const MAX_BATCH = 1000;
/** How often a commit that finds no room is tried again with fewer records. */
const MAX_TRIES = 16;

interface Waiting<T> {
  readonly value: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Hands records to where they are written, mostly a thread. One commit is under way at a time, and it takes everything
 * that came while the previous one waited for the disk. So a lone record is on the disk at once, and thousands a second
 * share their commits.
 */
export class JournalWriter {
  readonly #path: string;
  readonly #host: WriterHost;
  #records: Waiting<AnswerValues>[] = [];
  readonly #settled = new Map<number, number>();
  readonly #used = new Set<number>();
  /** The last command or commit: each waits for the one before it. */
  #turn: Promise<unknown> = Promise.resolve();
  #isCommitPlanned = false;
  #reply: PromiseWithResolvers<WriteReply> | undefined;
  #hostError: unknown;
  #ending: ParrotError | undefined;
  #movedTo: string | undefined;
  readonly lost: LostAnswers = new LostAnswers();

  constructor(path: string, secret: Uint8Array | undefined) {
    this.#path = path;
    this.#host = startWriterHost(
      { path, secret },
      {
        onReply: (reply) => this.#answer(reply),
        onLost: (error) => this.#lose(error),
      },
    );
  }

  /** Why nothing new should be asked. */
  get ending(): ParrotError | undefined {
    return this.#ending;
  }

  /** Where it was written anew, as it had been removed. */
  get movedTo(): string | undefined {
    return this.#movedTo;
  }

  append(run: number, record: JournalRecord): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#records.push({ value: toValues(run, record), resolve, reject });
    this.#planCommit();
    return promise;
  }

  /** Tells how far a run is. That goes to the disk with the next commit, and nobody waits for it. */
  settle(run: number, row: number): void {
    this.#settled.set(run, Math.max(row, this.#settled.get(run) ?? 0));
  }

  /** Answers of an earlier run were found; goes to the disk with the next commit. */
  use(run: number): void {
    this.#used.add(run);
  }

  async begin(identity: string | null, manifest: string): Promise<BegunRun> {
    const { begun } = await this.#inTurn(() => this.#send({ kind: "begin", identity, manifest }));
    if (begun === undefined) throw failed(this.#path, "no run has begun");
    this.#ending = undefined;
    return begun;
  }

  async note(request: Omit<Extract<WriteRequest, { kind: "note" }>, "kind" | "lost">): Promise<void> {
    this.#planCommit();
    await this.#inTurn(() => this.#sendWithLost((lost) => ({ kind: "note", ...request, lost })));
  }

  /** Plans a job; nothing new is planned once nothing new should be asked. */
  async plan(job: JobColumnValues, requests: readonly RequestValues[]): Promise<number> {
    const { planned } = await this.#inTurn(() => {
      this.#throwIfEnding();
      return this.#send({ kind: "plan", job, requests });
    });
    // A job that is in a file which is gone by now is made by whoever goes on with what is written anew.
    this.#throwIfEnding();
    if (planned === undefined) throw failed(this.#path, "no batch job was planned");
    return planned;
  }

  /** Changes a job, after the records that came before. */
  async changeJob(job: number, changes: JobColumnValues, isEnd: boolean): Promise<void> {
    this.#planCommit();
    await this.#inTurn(() => this.#send({ kind: "job", job, changes, isEnd }));
  }

  async close(): Promise<void> {
    try {
      this.#planCommit();
      await this.#inTurn(() => this.#send({ kind: "close" }));
    } finally {
      await this.#host.end();
    }
  }

  #throwIfEnding(): void {
    if (this.#ending !== undefined) throw this.#ending;
  }

  #planCommit(): void {
    if (this.#isCommitPlanned) return;
    this.#isCommitPlanned = true;
    const commit = this.#turn.then(() => this.#commit());
    this.#turn = commit.catch(() => undefined);
  }

  async #commit(): Promise<void> {
    // Records that come in this turn of the event loop are part of the commit.
    await new Promise((resolve) => setImmediate(resolve));
    const batch = this.#records.slice(0, MAX_BATCH);
    this.#records = this.#records.slice(MAX_BATCH);
    this.#isCommitPlanned = false;
    if (this.#records.length > 0) this.#planCommit();
    const settled = Array.from(this.#settled, ([run, row]) => ({ run, row }));
    this.#settled.clear();
    const used = [...this.#used];
    this.#used.clear();
    if (batch.length + settled.length + used.length === 0) return;
    await this.#keep(batch, { settled, used }, { left: MAX_TRIES });
  }

  /** Keeps records, or as many of them as there is room for. */
  async #keep(
    batch: readonly Waiting<AnswerValues>[],
    also: Pick<Extract<WriteRequest, { kind: "append" }>, "settled" | "used">,
    tries: { left: number },
  ): Promise<void> {
    try {
      const answers = batch.map(({ value }) => value);
      await this.#sendWithLost((lost) => ({ kind: "append", answers, ...also, lost }));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (error instanceof NoRoom) {
        this.#ending ??= error.reason;
        tries.left -= 1;
      }
      const half = Math.ceil(batch.length / 2);
      if (error instanceof NoRoom && half < batch.length && tries.left > 0) {
        await this.#keep(batch.slice(0, half), also, tries);
        await this.#keep(batch.slice(half), NOTHING_ELSE, tries);
        return;
      }
      // The results of a batch are at its API still, and cost nothing when they are read again.
      for (const { value } of batch) if (value[BATCH_JOB] === null) this.lost.add(value);
      const reason = error instanceof NoRoom ? error.reason : error;
      for (const { reject } of batch) reject(reason);
    }
  }

  async #sendWithLost(requestWith: (lost: readonly Paid[]) => WriteRequest): Promise<void> {
    const { pending } = this.lost;
    await this.#send(requestWith(pending));
    this.lost.wereCounted(pending);
  }

  async #inTurn<T>(send: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(send);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #send(request: WriteRequest): Promise<Extract<WriteReply, { ok: true }>> {
    if (this.#hostError !== undefined) throw failed(this.#path, messageOf(this.#hostError), this.#hostError);
    const waiting = Promise.withResolvers<WriteReply>();
    this.#reply = waiting;
    this.#host.post(request);
    const reply = await waiting.promise;
    if (!reply.ok) {
      const error = failed(this.#path, reply.message);
      throw reply.isFull === true && request.kind === "append" ? new NoRoom(error) : error;
    }
    if (reply.isLast !== undefined) this.#ending ??= failed(this.#path, reply.isLast);
    if (reply.isMoved === true) this.#ending ??= moved(this.#path);
    if (reply.movedTo !== undefined) this.#movedTo = reply.movedTo;
    return reply;
  }

  #answer(reply: WriteReply): void {
    this.#reply?.resolve(reply);
    this.#reply = undefined;
  }

  #lose(error: unknown): void {
    this.#hostError ??= error;
    this.#answer({ ok: false, message: messageOf(error) });
  }
}

const NOTHING_ELSE = { settled: [], used: [] };

/** Handles records for which the disk has no room: fewer of them may fit. */
class NoRoom extends Error {
  readonly reason: ParrotError;

  constructor(reason: ParrotError) {
    super(reason.message, { cause: reason });
    this.reason = reason;
  }
}

function toValues(run: number, record: JournalRecord): AnswerValues {
  const { usage } = record;
  return [
    record.key,
    run,
    record.row,
    record.replicate,
    record.outcome,
    record.code ?? null,
    record.status,
    record.body,
    toCount(usage.requests),
    toCount(usage.inputTokens),
    toCount(usage.outputTokens),
    toCount(usage.cachedInputTokens),
    toCount(usage.reasoningTokens),
    toCount(usage.cacheWriteTokens ?? 0),
    Number.isFinite(record.cost) ? (record.cost ?? null) : null,
    record.attempts,
    Math.round(record.sentAt),
    Math.round(record.durationMs),
    record.batchJob ?? null,
  ];
}

/** An answer is kept whatever somebody else has counted: the table takes whole numbers alone. */
function toCount(value: number): number {
  const count = Math.round(value);
  return Number.isSafeInteger(count) ? count : 0;
}
