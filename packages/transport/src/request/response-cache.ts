import type { Usage } from "@parallel-parrot/core";
import { requestKey, type JournalRun, type StoredRecord } from "@parallel-parrot/journal";
import type {
  Amendment,
  Provider,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
} from "@parallel-parrot/providers";
import type { SpendTracker } from "../budget/spend-tracker.ts";
import type { Signals } from "./endpoint.ts";
import type { RowContext } from "./row-context.ts";
import { withJournal } from "../errors/journal-fault.ts";
import type { ResolvedOptions, Reuse } from "../options.ts";
import { orAbort } from "../waiting/or-abort.ts";
import { readResponse } from "./read-response.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import { isFinal } from "../errors/verdict.ts";

/** A response that was paid for, or that settles its row. */
interface NewAnswer {
  readonly key: string;
  readonly replicate: number;
  readonly response: ProviderResponse;
  readonly answer: ProviderAnswer;
  readonly usage: Usage;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly durationMs: number;
}

/** A run's answers in its journal: those found, and those kept. */
export interface Answers {
  /** What finds the answer to one of a row's requests: its own, or that of all equal ones where they are asked once. */
  keyOf(request: ProviderRequest, replicate: number, row: RowContext): string;
  /** Notes on the row whether an earlier run was done with it, where that run asked for this. */
  look(key: string, row: RowContext): void;
  /**
   * Finds the answer to a request. Where there is none, `undefined` is leave to ask, and {@linkcode release}
   * must follow; while another row asks for the same, it waits for that.
   */
  recall(
    key: string,
    row: RowContext,
    amendments: ReadonlySet<Amendment>,
    signals: Signals,
  ): ProviderAnswer | undefined | Promise<ProviderAnswer | undefined>;
  /** The answer to a request, where there is one that is wanted. */
  find(key: string, row: RowContext, amendments: ReadonlySet<Amendment>): ProviderAnswer | undefined;
  /** Throws a {@linkcode RejectionError} where nothing is to be asked for this row. */
  refuseToAsk(row: RowContext): void;
  /** Leave to ask as `undefined`, and {@linkcode release} must follow; otherwise the caller looks again later. */
  claim(key: string, row: RowContext, signals: Signals): Promise<void> | undefined;
  release(key: string): void;
  /** Resolves when it is durable; `undefined` for what is not worth keeping. */
  keep(answer: NewAnswer, row: RowContext): Promise<void> | undefined;
}

/** Opens a journal's run to a provider's requests. */
export function createAnswers(
  run: JournalRun,
  provider: Provider,
  spendTracker: SpendTracker,
  options: AnswersOptions,
): Answers {
  return new JournalAnswers(run, provider, spendTracker, options);
}

type AnswersOptions = Pick<ResolvedOptions, "reuse" | "askEqualOnce">;

class JournalAnswers implements Answers {
  readonly #run: JournalRun;
  readonly #provider: Provider;
  readonly #spendTracker: SpendTracker;
  readonly #reuse: Reuse;
  readonly #sharesEqual: boolean;

  constructor(
    run: JournalRun,
    provider: Provider,
    spendTracker: SpendTracker,
    { reuse, askEqualOnce }: AnswersOptions,
  ) {
    this.#run = run;
    this.#provider = provider;
    this.#spendTracker = spendTracker;
    this.#reuse = reuse;
    this.#sharesEqual = askEqualOnce;
  }

  keyOf({ url, body }: ProviderRequest, replicate: number, row: RowContext): string {
    const { name, model } = this.#provider;
    const request = { provider: name, url, model, body, replicate };
    if (this.#sharesEqual) return requestKey(request);
    const { occurrence, cutFrom } = row;
    return requestKey({ ...request, occurrence, ...(cutFrom !== undefined && { cutFrom }) });
  }

  look(key: string, row: RowContext): void {
    const record = withJournal(() => this.#run.find(key));
    if (record !== undefined && this.#isWanted(record, row)) row.isSettled ||= record.isSettled;
  }

  recall(
    key: string,
    row: RowContext,
    amendments: ReadonlySet<Amendment>,
    signals: Signals,
  ): ProviderAnswer | undefined | Promise<ProviderAnswer | undefined> {
    const found = this.find(key, row, amendments);
    if (found !== undefined) return found;
    this.refuseToAsk(row);
    return this.claim(key, row, signals)?.then(() => this.recall(key, row, amendments, signals));
  }

  claim(key: string, row: RowContext, signals: Signals): Promise<void> | undefined {
    const pending = withJournal(() => this.#run.claim(key));
    if (pending === undefined) return undefined;
    row.leaveQueue?.();
    return orAbort(pending, signals.waiting);
  }

  release(key: string): void {
    withJournal(() => this.#run.release(key));
  }

  keep(
    { key, replicate, response, answer, usage, sentAt, durationMs }: NewAnswer,
    row: RowContext,
  ): Promise<void> | undefined {
    if (row.index === undefined || !isWorthKeeping(answer, usage)) return undefined;
    const cost = this.#spendTracker.priceOf(usage);
    const record = {
      key,
      row: row.index,
      replicate,
      ...outcomeOf(answer),
      status: response.status,
      body: response.body,
      usage,
      ...(cost === undefined ? {} : { cost }),
      attempts: row.allAttempts,
      sentAt,
      durationMs,
    };
    return withJournal(() => this.#run.append(record));
  }

  find(key: string, row: RowContext, amendments: ReadonlySet<Amendment>): ProviderAnswer | undefined {
    const record = withJournal(() => this.#run.find(key));
    if (record === undefined || !this.#isWanted(record, row)) return undefined;
    const { status, body } = record;
    const answer = readResponse(this.#provider, { status, headers: {}, body }, amendments);
    // What was paid for and passing is not asked for again in vain.
    if (!answer.ok && !isFinal(answer.rejection)) return undefined;
    row.isSettled ||= record.isSettled;
    // Its own are among those of the record where an earlier request of this row was the same.
    row.attemptsBefore = Math.max(row.attemptsBefore, record.attempts - row.attempts);
    // What this process has paid for is counted for another row.
    if (!record.isOwn) row.charge(record.usage);
    return answer;
  }

  #isWanted(record: StoredRecord, row: RowContext): boolean {
    return record.run === this.#run.id || !(row.asksAgain || this.#reuse === "none");
  }

  refuseToAsk(row: RowContext): void {
    const isDone = row.isSettled && this.#reuse === "all";
    const onlyLooks = row.onlyLooks || this.#reuse === "only";
    if (!isDone && !onlyLooks) return;
    const message = onlyLooks
      ? `The journal has no answer to this request, and nothing is to be asked${this.#hintFor(row)}`
      : "An earlier run was done with this row and had no answer to this request";
    throw new RejectionError({ verdict: "fail", code: "NOT_ASKED", message });
  }

  /** Earlier versions kept one answer for all equal rows. */
  #hintFor({ occurrence }: RowContext): string {
    if (occurrence === 0 || this.#sharesEqual) return "";
    return ". Earlier rows have the same prompt: with askEqualOnce they share an answer";
  }
}

/** Answers, and refusals that would come again; and whatever else has cost something. */
function isWorthKeeping(answer: ProviderAnswer, { inputTokens, outputTokens }: Usage): boolean {
  return answer.ok || isFinal(answer.rejection) || inputTokens + outputTokens > 0;
}

function outcomeOf(
  answer: ProviderAnswer,
): { outcome: "answer" | "empty" } | { outcome: "failure"; code: string } {
  if (!answer.ok) return { outcome: "failure", code: answer.rejection.code };
  const isEmpty = answer.completion.choices.every(({ text }) => text.trim() === "");
  return { outcome: isEmpty ? "empty" : "answer" };
}
