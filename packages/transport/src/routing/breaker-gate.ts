import type { Call } from "@parallel-parrot/providers";
import type { RowContext } from "../request/row-context.ts";
import type { Outcome } from "../errors/outcome.ts";
import type { CircuitBreaker, Ticket } from "./circuit-breaker.ts";
import type { Gate } from "../request/endpoint.ts";
import type { RejectionError } from "../errors/rejection-error.ts";

/** What guards the requests to one provider. */
export interface Guard {
  readonly breaker: CircuitBreaker;
  /** Takes a cause that no row survives. */
  readonly hold: (error: RejectionError, row: RowContext) => void;
  /** The shortest request that was answered, now or in the journal: the one to tell an outage by. */
  check: { readonly call: Call; readonly length: number } | undefined;
}

/** The gate of one request to one provider; a class, as there may be thousands a second. */
export class BreakerGate implements Gate {
  readonly #guard: Guard;
  readonly #call: Call;
  readonly #row: RowContext;
  readonly #ticket: Ticket | undefined;

  constructor(guard: Guard, call: Call, row: RowContext, ticket: Ticket | undefined) {
    this.#guard = guard;
    this.#call = call;
    this.#row = row;
    this.#ticket = ticket;
  }

  admits(): boolean {
    return this.#guard.breaker.admits(this.#ticket);
  }

  stopped(error: RejectionError): void {
    this.#guard.hold(error, this.#row);
  }

  answered(length: number): void {
    noteAnswer(this.#guard, this.#call, length);
  }

  ended(outcome: Outcome, failure: unknown): void {
    const message = failure instanceof Error ? failure.message : "";
    this.#guard.breaker.report(this.#row, outcome, this.#ticket, message);
  }
}

/** A request was answered whose body has this length. */
export function noteAnswer(guard: Guard, call: Call, length: number): void {
  if (length < (guard.check?.length ?? Infinity)) guard.check = { call, length };
}
