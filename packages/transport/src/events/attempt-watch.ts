import { messageOf } from "@parallel-parrot/core";
import { RejectionError } from "../errors/rejection-error.ts";
import type { Lease } from "../request/lease.ts";
import type { PaidResponse } from "../request/paid-response.ts";
import type { EventPublisher } from "./event-publisher.ts";
import type { AttemptEnd, SendWrap } from "./run-event.ts";

/** Tells of one request that it is sent, and what becomes of it. */
export class AttemptWatch {
  readonly #events: EventPublisher;
  readonly #lease: Lease;
  readonly #attempt: number;
  readonly #startedAt: number = performance.now();
  readonly #wraps: SendWrap[] = [];

  /** `undefined` where nobody listens. */
  static of(lease: Lease): AttemptWatch | undefined {
    const { events } = lease.endpoint;
    return events.wants("attempt:start") || events.wants("attempt:end")
      ? new AttemptWatch(events, lease)
      : undefined;
  }

  private constructor(events: EventPublisher, lease: Lease) {
    this.#events = events;
    this.#lease = lease;
    this.#attempt = lease.row.attempts;
    const { provider } = lease.endpoint;
    if (!events.wants("attempt:start")) return;
    events.publish("attempt:start", {
      ...this.#subject,
      baseUrl: provider.send === undefined ? provider.baseUrl : undefined,
      call: lease.call,
      sendWithin: (wrap) => void this.#wraps.push(wrap),
    });
  }

  /** Sends the request inside of what listeners have asked for, the first of them outermost. */
  send<T>(send: () => T): T {
    const wrapped = this.#wraps.reduceRight<() => T>((inner, wrap) => () => wrap(inner), send);
    return wrapped();
  }

  /** @param failure why there is no answer; `undefined` where there is one */
  end(failure: unknown, paid: PaidResponse | undefined): void {
    if (!this.#events.wants("attempt:end")) return;
    const { spendTracker } = this.#lease.endpoint;
    const answer = paid?.answer;
    this.#events.publish("attempt:end", {
      ...this.#subject,
      ...endOf(failure),
      status: paid?.response.status,
      usage: paid?.usage,
      cost: paid === undefined ? undefined : spendTracker.priceOf(paid.usage),
      completion: answer?.ok === true ? answer.completion : undefined,
      durationMs: performance.now() - this.#startedAt,
    });
  }

  get #subject(): Pick<AttemptEnd, "row" | "rows" | "provider" | "model" | "attempt"> {
    const { row, endpoint } = this.#lease;
    const { name, model } = endpoint.provider;
    return { row, rows: row.asked, provider: name, model, attempt: this.#attempt };
  }
}

function endOf(failure: unknown): Pick<AttemptEnd, "outcome" | "code" | "message"> {
  if (failure === undefined) return { outcome: "answered", code: undefined, message: undefined };
  if (!(failure instanceof RejectionError))
    return { outcome: "aborted", code: undefined, message: messageOf(failure) };
  const { verdict, code } = failure.rejection;
  return { outcome: verdict, code, message: failure.message };
}
