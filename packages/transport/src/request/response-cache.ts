import { requestKey, type JournalRecord, type JournalRun, type StoredRecord } from "@parallel-parrot/journal";
import type { Amendment, Provider, ProviderAnswer, ProviderRequest } from "@parallel-parrot/providers";
import type { SpendTracker } from "../budget/spend-tracker.ts";
import type { BuiltRequest } from "./built-request.ts";
import { readKept } from "../group/kept-answer.ts";
import type { RowContext } from "./row-context.ts";
import { withJournal } from "../errors/journal-fault.ts";
import type { ResolvedOptions, Reuse } from "../options.ts";
import { orAbort } from "../waiting/or-abort.ts";
import { isWorthKeeping, recordOf, type PaidResponse } from "./paid-response.ts";
import { readResponse } from "./read-response.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import { isFinal } from "../errors/verdict.ts";

/** Which request of which row it is. */
interface AskedFor {
  /** Its number among equal requests of the row, beginning with 0. */
  readonly replicate: number;
  readonly row: RowContext;
  /** Whether the row was asked beside others. @default false */
  readonly isGrouped?: boolean;
}

/** Finds the answers of one provider in a run's journal, and keeps new ones there. */
export class ResponseCache {
  readonly #run: JournalRun;
  readonly #provider: Provider;
  readonly #spendTracker: SpendTracker;
  readonly #reuse: Reuse;
  readonly #sharesEqual: boolean;
  /** Whether the rows of the run come several times, with their answers so far; others do after they waited for a job. */
  readonly #comesAgain: boolean;
  /** Refusals of which it is not known yet whether the row is at fault. Equal rows find them here. */
  readonly #withheld = new Map<string, JournalRecord>();

  constructor(
    run: JournalRun,
    provider: Provider,
    spendTracker: SpendTracker,
    { reuse, askEqualOnce, batch }: Pick<ResolvedOptions, "reuse" | "askEqualOnce" | "batch">,
  ) {
    this.#run = run;
    this.#provider = provider;
    this.#spendTracker = spendTracker;
    this.#reuse = reuse;
    this.#sharesEqual = askEqualOnce;
    this.#comesAgain = batch !== undefined && batch !== false;
  }

  /** The key of the answer to a row's request: its own, or that of all equal rows where they are asked once. */
  keyOf(asked: ProviderRequest, { replicate, row, isGrouped = false }: AskedFor): string {
    const { name, model } = this.#provider;
    // The answer is the same in one piece and as a stream, and so is its key.
    const { url, body } = asked.plain ?? asked;
    const request = { provider: name, url, model, body, replicate, isGrouped };
    if (this.#sharesEqual) return requestKey(request);
    const { occurrence, cutFrom } = row;
    return requestKey({ ...request, occurrence, ...(cutFrom !== undefined && { cutFrom }) });
  }

  /** Notes in the row whether an earlier run was done with it, where that run sent this request. */
  peek(key: string, row: RowContext): void {
    const record = this.#find(key);
    if (record !== undefined && this.#isWanted(record, row)) row.isSettled ||= record.isSettled;
  }

  /** Finds the answer to a request, where there is one that counts. What it cost is added to the row. */
  find(
    key: string,
    { row, isGrouped = false }: Omit<AskedFor, "replicate">,
    amendments: ReadonlySet<Amendment>,
  ): ProviderAnswer | undefined {
    const record = this.#find(key);
    if (record === undefined || !this.#isWanted(record, row)) return undefined;
    const { status, body } = record;
    const answer = isGrouped
      ? readKept(body)
      : readResponse(this.#provider, { status, headers: {}, body }, amendments);
    // A failure that may pass is in the journal only as it was paid for. It is no answer, and is asked again.
    if (!answer.ok && !isFinal(answer.rejection)) return undefined;
    row.isSettled ||= record.isSettled;
    // Where this row has sent the same request before, its own attempts are among those of the record.
    row.attemptsBefore = Math.max(row.attemptsBefore, record.attempts - row.attempts);
    // What this process has paid for is counted in another row, or in this one where it comes again.
    const comesAgain = this.#comesAgain || record.batchJob !== undefined;
    if (!record.isOwn || (comesAgain && record.row === row.index && row.attempts === 0))
      row.charge(record.usage);
    row.wasAskedHere ||= comesAgain && record.isOwn && record.run === this.#run.id;
    return answer;
  }

  /** Throws a {@linkcode RejectionError} where nothing is to be asked for this row. */
  refuseToAsk(row: RowContext): void {
    const isDone = row.isSettled && this.#reuse === "all";
    const onlyLooks = row.onlyLooks || this.#reuse === "only";
    if (!isDone && !onlyLooks) return;
    const message = onlyLooks
      ? `The journal has no answer to this request, and this run only reads stored answers${this.#hintFor(row)}`
      : "An earlier run finished this row without an answer to this request";
    throw new RejectionError({ verdict: "fail", code: "NOT_ASKED", message });
  }

  /**
   * Claims the right to ask. With `undefined` it is granted, and {@linkcode release} must follow. Otherwise an equal
   * row asks, and the caller is to look again when the promise resolves.
   */
  claim(key: string, row: RowContext, signal: AbortSignal): Promise<void> | undefined {
    const pending = withJournal(() => this.#run.claim(key));
    if (pending === undefined) return undefined;
    row.leaveQueue?.();
    return orAbort(pending, signal);
  }

  release(key: string): void {
    withJournal(() => this.#run.release(key));
  }

  /** Keeps a response, and resolves when it is durable; `undefined` where it is not worth keeping. */
  keep(paid: PaidResponse, built: BuiltRequest, askedFor: AskedFor): Promise<void> | undefined {
    const record = this.#recordOf(paid, built, askedFor);
    return record === undefined ? undefined : withJournal(() => this.#run.append(record));
  }

  /** Keeps a refusal for this run alone, until it is believed. Returns its key. */
  withhold(paid: PaidResponse, built: BuiltRequest, askedFor: AskedFor): string | undefined {
    const record = this.#recordOf(paid, built, askedFor);
    if (record !== undefined) this.#withheld.set(record.key, record);
    return record?.key;
  }

  /** Keeps withheld refusals in the journal, as their rows are at fault. */
  async believe(keys: readonly string[]): Promise<void> {
    const records = keys.flatMap((key) => this.#withheld.get(key) ?? []);
    await Promise.all(records.map((record) => withJournal(() => this.#run.append(record))));
    for (const { key } of records) this.#withheld.delete(key);
  }

  #find(key: string): StoredRecord | undefined {
    const withheld = this.#withheld.size === 0 ? undefined : this.#withheld.get(key);
    if (withheld !== undefined) return { ...withheld, run: this.#run.id, isSettled: false, isOwn: true };
    return withJournal(() => this.#run.find(key));
  }

  #recordOf(paid: PaidResponse, built: BuiltRequest, askedFor: AskedFor): JournalRecord | undefined {
    const { replicate, row } = askedFor;
    if (row.index === undefined || !isWorthKeeping(paid)) return undefined;
    const key = built.key ?? this.keyOf(built.request, askedFor);
    const asked = { key, row: row.index, replicate, attempts: row.allAttempts };
    return recordOf(paid, asked, this.#spendTracker.priceOf(paid.usage));
  }

  #isWanted(record: StoredRecord, row: RowContext): boolean {
    return record.run === this.#run.id || !(row.asksAgain || this.#reuse === "none");
  }

  /** Earlier versions kept one answer for all equal rows. */
  #hintFor({ occurrence }: RowContext): string {
    if (occurrence === 0 || this.#sharesEqual) return "";
    return ". Earlier rows have the same prompt: with askEqualOnce they share one answer";
  }
}
