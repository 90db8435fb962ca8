import {
  isFailed,
  ParrotError,
  type Completed,
  type Failed,
  type FailureCode,
  type Row,
} from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import type { ResolvedOptions } from "./options.ts";

/** Lets the first request go alone and the others only once it has shown that the server answers. */
export type Setup = <R extends Row>(
  run: (maxAttempts: number) => Promise<Outcome<R>>,
  signal: AbortSignal,
) => Promise<Outcome<R>>;

type Outcome<R extends Row> = Completed<R> | Failed<R>;

/** Failures of a first request that may well be every row's. */
const SUSPECT: readonly FailureCode[] = ["NETWORK", "TIMEOUT", "SERVER_ERROR", "BAD_RESPONSE", "BAD_REQUEST"];
/** A malformed request may be this one row's fault, so a few more are tried, one at a time. */
const MAX_BAD_REQUESTS = 3;
/** A server that is not there is told within seconds. */
const SETUP_ATTEMPTS = 5;

/** Makes a {@linkcode Setup} for one run. */
export function createSetup(provider: Provider, { maxAttempts, rowTimeoutMs }: ResolvedOptions): Setup {
  // With a time limit of its own, a slow first row is this row's affair.
  const suspect = new Set(
    rowTimeoutMs === undefined ? SUSPECT : SUSPECT.filter((code) => code !== "TIMEOUT"),
  );
  const { promise: ready, resolve: open, reject: abandon } = Promise.withResolvers<void>();
  ready.catch(() => undefined);
  let isOpen = false;
  let badRequests = 0;
  let turn: Promise<void> = Promise.resolve();

  async function alone<R extends Row>(
    run: (maxAttempts: number) => Promise<Outcome<R>>,
  ): Promise<Outcome<R>> {
    try {
      const outcome = await run(Math.min(SETUP_ATTEMPTS, maxAttempts));
      const code = isFailed(outcome) ? outcome.failure.code : undefined;
      if (code === "BAD_REQUEST") badRequests += 1;
      const isSuspect = code !== undefined && suspect.has(code);
      if (isSuspect && isFailed(outcome) && (code !== "BAD_REQUEST" || badRequests >= MAX_BAD_REQUESTS)) {
        throw stopReason(outcome, provider);
      }
      // A row that failed before anything was sent has shown nothing.
      const wasSent = !isFailed(outcome) || outcome.failure.attempts > 0;
      if (!isSuspect && wasSent) {
        isOpen = true;
        open();
      }
      return outcome;
    } catch (error) {
      isOpen = true;
      abandon(error);
      throw error;
    }
  }

  /** One at a time, in order, until the gate opens. */
  async function inTurn<R extends Row>(
    run: (maxAttempts: number) => Promise<Outcome<R>>,
    signal: AbortSignal,
  ): Promise<Outcome<R>> {
    const previous = turn;
    const { promise, resolve: done } = Promise.withResolvers<void>();
    turn = promise;
    try {
      await Promise.race([ready, previous]);
      signal.throwIfAborted();
      if (!isOpen) return await alone(run);
    } finally {
      done();
    }
    return run(maxAttempts);
  }

  return (run, signal) => (isOpen ? run(maxAttempts) : inTurn(run, signal));
}

function stopReason({ failure, index }: Failed, provider: Provider): ParrotError {
  const { code, message } = failure;
  const position = { row: index };
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
  return new ParrotError(
    "SETUP_FAILED",
    `The setup request failed (${provider.name}, model ${provider.model}): ${message}`,
    position,
  );
}
