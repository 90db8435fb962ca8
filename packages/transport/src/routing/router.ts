import type { Endpoint } from "../request/endpoint.ts";
import type { Lease } from "../request/lease.ts";
import type { RoutedRequest } from "../request/routed-request.ts";
import type { RowContext } from "../request/row-context.ts";
import type { Semaphore } from "../waiting/semaphore.ts";
import type { Signals } from "../waiting/signals.ts";
import type { MemberProgress } from "../progress.ts";
import type { RunWait } from "../run-wait.ts";

/** What a row has to know of outages. */
export interface Outage {
  /** Whether there is an outage or the suspicion of one. Then no failure counts against a row. */
  readonly isOpen: boolean;
  /** Real outages that are over. A row is forgiven the failures before the last one. */
  readonly outages: number;
}

/** Decides which endpoint a request goes to, and when; and what its failure means for the row. */
export interface Router<E extends Endpoint> {
  readonly endpoints: readonly E[];
  readonly outage: Outage;
  /** Bounds the requests that are on their way at once; `undefined` where the limiter of the only endpoint does. */
  readonly semaphore: Semaphore | undefined;
  /** Requests that wait for a lease. */
  readonly waiting: number;
  /** What they wait for: an outage first, then the longest wait. */
  readonly waits: readonly RunWait[];
  /** In US dollars; `undefined` where a price is not known. */
  readonly cost: number | undefined;
  readonly members: readonly MemberProgress[];
  /**
   * A granted lease: at once where the request may be sent at once, as in a healthy run it mostly may. Throws where no
   * endpoint can be asked this.
   */
  pick(routed: RoutedRequest, signals: Signals): Lease<E> | Promise<Lease<E>>;
  /** Returns where another lease is to be picked after this error, and throws it where its row has to deal with it. */
  failed(error: unknown, lease: Lease<E>): void;
  /** The journal has an answer of this endpoint. */
  found(endpoint: E): void;
  /** Whether an outage is the reason that a row has used its attempts. Waits for the end of the outage. */
  forgives(row: RowContext, signals: Signals): Promise<boolean>;
  /** Ends what goes on beside the rows. */
  close(): Promise<void>;
}
