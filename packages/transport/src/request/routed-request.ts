import type { Amendment, Call } from "@parallel-parrot/providers";
import { amendmentOf } from "../errors/verdict.ts";
import type { BuiltRequest } from "./built-request.ts";
import type { Endpoint } from "./endpoint.ts";
import type { RowContext } from "./row-context.ts";

/** How often one request may be amended at each endpoint. */
const MAX_AMENDMENTS = 8;
const NO_AMENDMENTS: ReadonlySet<Amendment> = new Set();

/**
 * One request of a row, whichever endpoint takes it. It stays the same while the row tries again. A class for the
 * reason of core's `Slot`.
 */
export class RoutedRequest {
  readonly call: Call;
  /** Its number among equal requests of the row, beginning with 0. */
  readonly replicate: number;
  readonly row: RowContext;
  /** Whether it stands for the row as it is asked beside others: another request asks for all of them. */
  readonly isGrouped: boolean;
  /** The endpoint that it was sent to last. */
  sentTo: Endpoint | undefined;
  /** The key under which it is claimed, so that no equal row asks for the same meanwhile. */
  claimed: string | undefined;
  /** How many amendments were known when the journal was searched for it last. */
  searchedWith: number | undefined;
  #endpoint: Endpoint | undefined;
  #built: BuiltRequest | undefined;
  #wasAlone = false;
  #exclusions: Map<Endpoint, Error> | undefined;
  #amendments: Map<Endpoint, number> | undefined;

  constructor(
    call: Call,
    replicate: number,
    row: RowContext,
    { isGrouped = false }: { readonly isGrouped?: boolean } = {},
  ) {
    this.call = call;
    this.replicate = replicate;
    this.row = row;
    this.isGrouped = isGrouped;
  }

  /** The request as an endpoint takes it now. The last one is kept, as a request that was looked up is mostly sent next. */
  buildFor(endpoint: Endpoint): BuiltRequest {
    const built = this.#built;
    const { isAlone } = this.row;
    // What stands for the row beside others is never sent, and its key must not depend on what the server refuses.
    const amendments = this.isGrouped ? NO_AMENDMENTS : endpoint.amendments;
    const isSame = this.#endpoint === endpoint && this.#wasAlone === isAlone;
    if (built !== undefined && isSame && built.known === amendments) return built;
    this.#endpoint = endpoint;
    this.#wasAlone = isAlone;
    return (this.#built = endpoint.build(this.call, amendments, isAlone));
  }

  /** Begins to count amendments anew, as the row tries again. */
  begin(): void {
    this.#amendments = undefined;
  }

  /**
   * Lets the endpoint do without what it has refused, for this request and all that follow. Returns `false` where it
   * has refused something else, or this request has been amended too often.
   */
  amend(endpoint: Endpoint, error: unknown): boolean {
    const amendment = amendmentOf(error);
    if (amendment === undefined) return false;
    const times = this.#amendments?.get(endpoint) ?? 0;
    if (times >= MAX_AMENDMENTS) return false;
    (this.#amendments ??= new Map()).set(endpoint, times + 1);
    endpoint.amend(amendment);
    return true;
  }

  /** Notes that an endpoint cannot be asked this, and why not. */
  exclude(endpoint: Endpoint, reason: Error): void {
    (this.#exclusions ??= new Map()).set(endpoint, reason);
  }

  get hasExclusions(): boolean {
    return this.#exclusions !== undefined;
  }

  /** Why an endpoint cannot be asked this; `undefined` where it can. */
  exclusionOf(endpoint: Endpoint): Error | undefined {
    return this.#exclusions?.get(endpoint);
  }
}
