import { isFailed, ParrotError, type Completed, type Failed, type FailureCode } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import type { RowContext } from "../request/row-context.ts";
import type { ResolvedOptions } from "../options.ts";

/** Lets the first row that asks go alone, and the others only once it has shown that the server answers. */
export interface Canary {
  /** Every row may ask. */
  readonly isOpen: boolean;
  /** Waits until a row may ask; one that goes alone gets fewer attempts. */
  enter(row: RowContext, signal: AbortSignal): Promise<void>;
  /** Tells what became of a row. Throws what stops the run where that would be every row's failure. */
  leave(row: RowContext, outcome: Completed | Failed): void;
  /** Tells that a row ended with the run. */
  abandon(row: RowContext, error: unknown): void;
}

/** Failures of a first request that may well be every row's. */
const SUSPECT: readonly FailureCode[] = ["NETWORK", "TIMEOUT", "SERVER_ERROR", "BAD_RESPONSE", "BAD_REQUEST"];
/** Those that are one row's own where other rows have answers in the journal; for a server that is away there is the breaker. */
const OWN: ReadonlySet<FailureCode> = new Set(["TIMEOUT", "SERVER_ERROR", "BAD_RESPONSE"]);
/** A malformed request may be this one row's fault, so a few more are tried, one at a time. */
const MAX_BAD_REQUESTS = 3;
/** A server that is not there is told within seconds. */
const SETUP_ATTEMPTS = 5;

/** Makes a {@linkcode Canary} for one run. */
export function createCanary(provider: Provider, options: ResolvedOptions): Canary {
  return new FirstRowCanary(provider, options);
}

class FirstRowCanary implements Canary {
  isOpen = false;
  readonly #provider: Provider;
  readonly #suspect: ReadonlySet<FailureCode>;
  readonly #ready = Promise.withResolvers<void>();
  #badRequests = 0;
  /** Whether the journal has an answer: then what is asked, and whom, was right once. */
  #isProven = false;
  #turn: Promise<void> = Promise.resolve();
  /** The row that goes alone. */
  #alone: { readonly row: RowContext; readonly end: () => void } | undefined;

  constructor(provider: Provider, { rowTimeoutMs }: ResolvedOptions) {
    this.#provider = provider;
    // With a time limit of its own, a slow first row is this row's affair.
    this.#suspect = new Set(
      rowTimeoutMs === undefined ? SUSPECT : SUSPECT.filter((code) => code !== "TIMEOUT"),
    );
    this.#ready.promise.catch(() => undefined);
  }

  /** One at a time, in order, until the gate opens. */
  async enter(row: RowContext, signal: AbortSignal): Promise<void> {
    if (this.isOpen) return;
    const previous = this.#turn;
    const { promise, resolve: end } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await Promise.race([this.#ready.promise, previous]);
      signal.throwIfAborted();
    } catch (error) {
      end();
      throw error;
    }
    if (this.isOpen) {
      end();
      return;
    }
    row.maxAttempts = Math.min(SETUP_ATTEMPTS, row.maxAttempts);
    this.#alone = { row, end };
  }

  leave(row: RowContext, outcome: Completed | Failed): void {
    if (row.attempts === 0 && !row.isFromElsewhere && !isFailed(outcome)) this.#isProven = true;
    if (this.#alone?.row !== row) return;
    const code = isFailed(outcome) ? outcome.failure.code : undefined;
    const isSuspect = code !== undefined && this.#suspect.has(code) && !this.#isOwn(code, row);
    if (isSuspect && code === "BAD_REQUEST") this.#badRequests += 1;
    if (isSuspect && isFailed(outcome) && (code !== "BAD_REQUEST" || this.#badRequests >= MAX_BAD_REQUESTS)) {
      const reason = stopReason(outcome, this.#provider);
      this.abandon(row, reason);
      throw reason;
    }
    // A row that failed before anything was sent has shown nothing.
    if (!isSuspect && row.attempts > 0) {
      this.isOpen = true;
      this.#ready.resolve();
    }
    this.#alone.end();
    this.#alone = undefined;
  }

  /** Whether a failure says nothing of other rows. */
  #isOwn(code: FailureCode, { asksAgain }: RowContext): boolean {
    // What was refused before is likely to be again.
    return code === "BAD_REQUEST" ? asksAgain : this.#isProven && OWN.has(code);
  }

  abandon(row: RowContext, error: unknown): void {
    if (this.#alone?.row !== row) return;
    this.isOpen = true;
    this.#ready.reject(error);
    this.#alone.end();
    this.#alone = undefined;
  }
}

function stopReason({ failure, index }: Failed, provider: Provider): ParrotError {
  const { code, message } = failure;
  const position = { row: index };
  if (provider.send !== undefined) return setupFailed(message, provider, position);
  if (code === "NETWORK") {
    return new ParrotError(
      "UNREACHABLE",
      `Cannot reach ${provider.baseUrl}: ${message}. Is the base URL right and the server running?`,
      position,
    );
  }
  if (code === "BAD_RESPONSE") {
    return new ParrotError(
      "NOT_THE_API",
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
