import type { Endpoint } from "../request/endpoint.ts";
import type { Lease } from "../request/lease.ts";
import type { RoutedRequest } from "../request/routed-request.ts";
import type { RowContext } from "../request/row-context.ts";
import type { Semaphore } from "../waiting/semaphore.ts";
import type { Signals } from "../waiting/signals.ts";
import type { MemberProgress } from "../progress.ts";

/** What is known of an outage. */
export interface Outage {
  /** Whether it lasts, or is suspected: failures count against no row. */
  readonly isOpen: boolean;
  /** Outages that were real and are over. What a row failed before the last one is forgiven. */
  readonly outages: number;
}

/** Decides which endpoint a request goes to, and when; and what its failure means for the row. */
export interface Router<E extends Endpoint> {
  readonly endpoints: readonly E[];
  readonly outage: Outage;
  /** Bounds the requests that are on their way at once; `undefined` where the endpoint's limiter does that. */
  readonly semaphore: Semaphore | undefined;
  /** Requests that wait for their turn. */
  readonly waiting: number;
  /** In US dollars; `undefined` where a price is not known. */
  readonly cost: number | undefined;
  readonly members: readonly MemberProgress[];
  /**
   * A granted lease: at once where the request may go at once, as it mostly may. Throws where nobody can be asked
   * this.
   */
  pick(routed: RoutedRequest, signals: Signals): Lease<E> | Promise<Lease<E>>;
  /** Returns where the request is to be sent again after this error, and throws where its row has to deal with it. */
  failed(error: unknown, lease: Lease<E>): void;
  /** The journal has an answer of this endpoint. */
  found(endpoint: E): void;
  /** Whether a row that has used its attempts owes that to an outage; waits for the end of it. */
  forgives(row: RowContext, signals: Signals): Promise<boolean>;
  /** Ends what goes on beside the rows. */
  close(): Promise<void>;
}
