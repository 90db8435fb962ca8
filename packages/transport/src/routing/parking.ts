import type { RoutedRequest } from "../request/routed-request.ts";
import type { Signals } from "../waiting/signals.ts";

/** Takes requests in the place of the server, to have them answered later. */
export interface Parking {
  /** Whether it takes requests now; otherwise they are sent. */
  readonly takes: boolean;
  /**
   * Whether it has taken an equal request, or somebody has before, so that nothing more is to be done for this one. It may
   * wait before it says no: then the request is looked up once more.
   */
  has(routed: RoutedRequest, signals: Signals): boolean | Promise<boolean>;
  /** Takes a request; waits until there is room for it. */
  take(routed: RoutedRequest, signals: Signals): void | Promise<void>;
}

/** Thrown where a request was parked: its row has no outcome, and comes again. */
export class ParkedRequest extends Error {
  override readonly name: string = "ParkedRequest";

  constructor() {
    super("The request is to be answered later");
  }
}
