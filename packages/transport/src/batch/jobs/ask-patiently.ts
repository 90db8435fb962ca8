import type { BatchReading, BatchStep } from "@parallel-parrot/providers";
import type { Clock } from "@parallel-parrot/limiter";
import { rejectHttpError, RejectionError } from "../../errors/rejection-error.ts";
import { isThrottled, isTransient } from "../../errors/verdict.ts";
import { sleep } from "../../waiting/sleep.ts";
import type { BatchClient, BatchSending } from "../batch-client.ts";

const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 60_000;
const MAX_ATTEMPTS = 10;

/** How a step is repeated. */
export interface Patience extends BatchSending {
  readonly clock: Clock;
  /** Ends the waits between attempts, and no request. */
  readonly waiting: AbortSignal;
  /** Is called before a step is repeated: the server may have carried it out. */
  readonly onAgain?: () => void;
}

/** Sends a step whose repetition harms nothing, as often as it fails for a passing reason. @throws RejectionError */
export async function askPatiently<T extends object>(
  client: BatchClient,
  step: BatchStep<T>,
  { clock, waiting, onAgain, ...sending }: Patience,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(client, step, sending);
    } catch (error) {
      const isPassing = isTransient(error) || isThrottled(error);
      if (!isPassing || attempt >= MAX_ATTEMPTS) throw error;
      onAgain?.();
      await sleep(clock, error.rejection.retryAfterMs ?? waitAfter(attempt), waiting);
    }
  }
}

/** Sends a step once. @throws RejectionError */
export async function ask<T extends object>(
  client: BatchClient,
  step: BatchStep<T>,
  sending: BatchSending,
): Promise<T> {
  let reading: BatchReading<T>;
  try {
    reading = await client.ask(step, sending);
  } catch (error) {
    throw rejectHttpError(error);
  }
  if (!reading.ok) throw new RejectionError(reading.rejection);
  return reading;
}

function waitAfter(attempt: number): number {
  return Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
}
