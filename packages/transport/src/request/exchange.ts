import type { Completion } from "@parallel-parrot/core";
import type { ProviderResponse } from "@parallel-parrot/providers";
import { AttemptWatch } from "../events/attempt-watch.ts";
import { outcomeOf, type Outcome } from "../errors/outcome.ts";
import { rejectHttpError, RejectionError } from "../errors/rejection-error.ts";
import { isStop, mayBeEverybodys, mayBeRowsOwn } from "../errors/verdict.ts";
import type { Signals } from "../waiting/signals.ts";
import { authorize } from "./authorize.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Lease } from "./lease.ts";
import { judgeCutOff } from "./judge-cut-off.ts";
import { readRedirect } from "./read-redirect.ts";
import { readResponse } from "./read-response.ts";
import type { PaidResponse } from "./paid-response.ts";
import { withoutCredentials } from "./without-credentials.ts";

/** The answer to one request, before the answers to the row's other requests are added. */
export type Answer = Pick<Completion, "choices" | "model">;

/**
 * Sends the request of a granted lease: authorises it, posts it, reads the response, settles what it took, and keeps
 * the answer. Returns `undefined` where the request must not be sent any more as it is, now that its turn has come.
 */
export async function exchange<E extends Endpoint>(
  lease: Lease<E>,
  { all }: Signals,
): Promise<Answer | undefined> {
  const { endpoint, built, row, owner, permit, expense } = lease;
  const { provider, limiter, throttlePolicy } = endpoint;
  const { request, known } = built;
  let outcome: Outcome = "nothing";
  let failure: unknown;
  /** What came, once it has. */
  let received: PaidResponse | undefined;
  /** A response that was paid for and is not in the journal yet. */
  let unkept: PaidResponse | undefined;
  let watch: AttemptWatch | undefined;
  try {
    const authorized = authorize(provider, request);
    const credentials = authorized instanceof Promise ? await authorized : authorized;
    if (endpoint.amendments !== known || !owner.admits(lease)) {
      expense.failed(undefined);
      return undefined;
    }
    row.attempts += 1;
    row.leaveQueue?.();
    lease.wasSent = true;
    lease.routed.sentTo = endpoint;
    lease.refusalsBefore = endpoint.refusals.sending();
    expense.sending();
    const sentAt = performance.now();
    const askedAt = limiter.clock.now();
    watch = AttemptWatch.of(lease);
    const post = (): Promise<ProviderResponse> => endpoint.client.post(request, credentials, all);
    const response = withoutCredentials(await (watch?.send(post) ?? post()), credentials);
    const answer = readRedirect(response) ?? readResponse(provider, response, known);
    const usage = expense.answered(response.status, answer);
    row.charge(usage);
    const paid: PaidResponse = { response, answer, usage, durationMs: performance.now() - sentAt };
    received = unkept = paid;
    limiter.learn(provider.readLimits(response));
    if (!answer.ok) {
      unkept = undefined;
      const rejection = judgeCutOff(answer.rejection, limiter.clock.now() - askedAt);
      await keepRefusal(lease, paid, new RejectionError(rejection));
      throw new RejectionError(throttlePolicy.judge(rejection, permit, row));
    }
    outcome = "answered";
    throttlePolicy.answered();
    endpoint.inFlight.patience.answered(paid.durationMs);
    endpoint.answerTimer.add(paid.durationMs);
    endpoint.estimator.observe(built.call, request, answer.completion.usage);
    permit.settle(provider.chargeAfter(lease.estimate, usage), usage.outputTokens);
    lease.wasAnswered = true;
    endpoint.noteAnswer(built, answer.notice);
    endpoint.refusals.answered(row, lease.refusalsBefore);
    owner.answered(lease);
    // The turn of the request is over, but nobody sees its answer before it is kept.
    unkept = undefined;
    const believed = endpoint.believe(endpoint.sameRefusals.answered(lease.refusalsBefore));
    await keep(lease, paid);
    if (believed !== undefined) await believed;
    // The other rows begin once the first one has its answer.
    const capacity = endpoint.learnCapacity(credentials, all);
    if (capacity !== undefined) await capacity;
    return answer.completion;
  } catch (cause) {
    // The response was paid for, whatever was thrown after it came.
    if (unkept !== undefined) await keep(lease, unkept);
    const error = rejectHttpError(cause);
    // The owner must hear of it before the permit goes to the next request.
    if (isStop(error)) owner.stopped(lease, error);
    outcome = outcomeOf(error);
    failure = error;
    expense.failed(error);
    throw error;
  } finally {
    // A request that was not answered takes nothing of the rate limits. A permit that was settled stays settled.
    permit.refund();
    if (lease.wasSent) {
      endpoint.refusals.ended();
      endpoint.tally.add(failure);
      endpoint.limitWatch.look();
    }
    watch?.end(failure, received);
    owner.ended(lease, outcome, failure);
  }
}

/**
 * Notes a refusal that says nothing of whose fault it is, and keeps it. One that may be everybody's is kept only when
 * an answer has shown that it is the row's: otherwise the next run would not ask the row again.
 */
function keepRefusal(lease: Lease, paid: PaidResponse, error: RejectionError): Promise<void> | undefined {
  const { endpoint, built, routed, row } = lease;
  const { refusals, sameRefusals, cache } = endpoint;
  if (mayBeRowsOwn(error)) refusals.add(row);
  const isRow = row.index !== undefined;
  if (!(isRow && sameRefusals.isOn && mayBeEverybodys(error))) return keep(lease, paid);
  const key = cache?.withhold(paid, built, routed);
  const number = refusals.add(row);
  return endpoint.believe(sameRefusals.add(error.rejection, { number, row, key }));
}

/** Keeps what was paid for in the journal; resolves when it is durable. `undefined` where there is nothing to keep. */
function keep({ endpoint, built, routed }: Lease, paid: PaidResponse): Promise<void> | undefined {
  return endpoint.cache?.keep(paid, built, routed);
}
