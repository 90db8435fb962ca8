import { isFailed, ParrotError, type Completed, type Failed, type ErrorCode } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import type { Provider } from "@parallel-parrot/providers";
import { policyOf, type FirstRowExcuse, type FirstRowPolicy } from "../errors/error-policy.ts";
import type { RowContext } from "../request/row-context.ts";
import { orAbort } from "../waiting/or-abort.ts";
import type { ResolvedOptions } from "../options.ts";

/** Few, so that a server that is not there is reported within seconds. */
const SETUP_ATTEMPTS = 5;

/** How long the first row waits for another one, where that decides what is asked: rows of a file come at once. */
const COMPANY_MS = 100;

/** Lets the first row of a run go alone, and the others only when its answer has shown that the server works. */
export class Canary {
  /** Whether every row may send. */
  isOpen = false;
  /** Rows that wait until one has shown that the server works. */
  waiting = 0;
  readonly #provider: Provider;
  /** With a time limit for rows, a slow first row says nothing of the others. */
  readonly #hasRowTimeout: boolean;
  readonly #ready = Promise.withResolvers<void>();
  /** Rows that have come to send. */
  #entered = 0;
  readonly #second = Promise.withResolvers<void>();
  /** Rows that went alone and failed as every row may. */
  #failures = 0;
  /** Whether the journal has an answer. Then the server and the request were right at least once. */
  #isProven = false;
  #turn: Promise<void> = Promise.resolve();
  /** The row that goes alone. */
  #alone: { readonly row: RowContext; readonly end: () => void } | undefined;

  constructor(provider: Provider, { rowTimeoutMs }: ResolvedOptions) {
    this.#provider = provider;
    this.#hasRowTimeout = rowTimeoutMs !== undefined;
    this.#ready.promise.catch(() => undefined);
  }

  /** Lets one row go at a time, in order, until one has shown that the server works. */
  async enter(row: RowContext, signal: AbortSignal): Promise<void> {
    if (this.isOpen) return;
    this.#entered += 1;
    if (this.#entered === 2) this.#second.resolve();
    const previous = this.#turn;
    const { promise, resolve: end } = Promise.withResolvers<void>();
    this.#turn = promise;
    this.waiting += 1;
    try {
      await Promise.race([this.#ready.promise, previous]);
      signal.throwIfAborted();
    } catch (error) {
      end();
      throw error;
    } finally {
      this.waiting -= 1;
    }
    if (this.isOpen) {
      end();
      return;
    }
    row.maxAttempts = Math.min(SETUP_ATTEMPTS, row.maxAttempts);
    this.#alone = { row, end };
  }

  /** Whether another row is to be asked too, or comes within a moment. */
  async hasCompany(clock: Clock, signal: AbortSignal): Promise<boolean> {
    if (this.#entered > 1) return true;
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(COMPANY_MS, resolve);
    try {
      await orAbort(Promise.race([this.#second.promise, isLate]), signal);
    } finally {
      cancel();
    }
    return this.#entered > 1;
  }

  /** Tells what became of a row. Throws what stops the run, where every row would fail as this one did. */
  leave(row: RowContext, outcome: Completed | Failed): void {
    if (row.attempts === 0 && !row.isFromElsewhere && !isFailed(outcome)) this.#isProven = true;
    if (this.#alone?.row !== row) return;
    const policy = this.#suspicionOf(outcome, row);
    if (policy !== undefined && isFailed(outcome)) {
      this.#failures += 1;
      if (this.#failures >= policy.rows) {
        const reason = stopReason(outcome, policy.stopsWith, this.#provider);
        this.abandon(row, reason);
        throw reason;
      }
    }
    // A row that failed before anything was sent for it has shown nothing.
    if (policy === undefined && row.attempts > 0) {
      this.isOpen = true;
      this.#ready.resolve();
    }
    this.#alone.end();
    this.#alone = undefined;
  }

  /** The policy for a failure that every row may well meet; `undefined` where it says nothing of other rows. */
  #suspicionOf(outcome: Completed | Failed, { asksAgain }: RowContext): FirstRowPolicy | undefined {
    if (!isFailed(outcome)) return undefined;
    const { firstRow } = policyOf(outcome.failure.code);
    const excuses: Readonly<Record<FirstRowExcuse, boolean>> = {
      answersBefore: this.#isProven,
      refusedBefore: asksAgain,
      rowTimeout: this.#hasRowTimeout,
    };
    return firstRow?.excuses.some((excuse) => excuses[excuse]) === true ? undefined : firstRow;
  }

  /** Lets the next row go alone, while this one waits for what becomes of it. */
  standAside(row: RowContext): void {
    if (this.#alone?.row !== row) return;
    this.#alone.end();
    this.#alone = undefined;
  }

  /** Tells that a row ended with the run. */
  abandon(row: RowContext, error: unknown): void {
    if (this.#alone?.row !== row) return;
    this.isOpen = true;
    this.#ready.reject(error);
    this.#alone.end();
    this.#alone = undefined;
  }
}

function stopReason(
  { failure: { message }, index }: Failed,
  code: ErrorCode,
  provider: Provider,
): ParrotError {
  const position = { row: index };
  // A provider that is a function has no address.
  if (provider.send !== undefined) return setupFailed(message, provider, position);
  const hint = provider.addressHint === undefined ? "" : ` ${provider.addressHint}`;
  if (code === "UNREACHABLE") {
    return new ParrotError(
      code,
      `Cannot reach ${provider.baseUrl}: ${message}. Is the base URL right and the server running?${hint}`,
      position,
    );
  }
  if (code === "NOT_THE_API") {
    return new ParrotError(
      code,
      `${provider.baseUrl} does not answer like the API: ${message}. Is the base URL right?`,
      position,
    );
  }
  return setupFailed(message, provider, position);
}

function setupFailed(
  message: string,
  { name, model }: Provider,
  position: { readonly row: number },
): ParrotError {
  return new ParrotError(
    "SETUP_FAILED",
    `The setup request failed (${name}, model ${model}): ${message}`,
    position,
  );
}
