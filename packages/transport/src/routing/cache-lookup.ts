import type { Amendment, Call } from "@parallel-parrot/providers";
import { RejectionError } from "../errors/rejection-error.ts";
import { isMembersRefusal } from "../errors/verdict.ts";
import type { Endpoint } from "../request/endpoint.ts";
import type { Answer } from "../request/exchange.ts";
import type { ResponseCache } from "../request/response-cache.ts";
import { RoutedRequest } from "../request/routed-request.ts";
import { RowContext } from "../request/row-context.ts";
import { requireAskable } from "./exclusions.ts";
import type { Router } from "./router.ts";

const NONE: ReadonlySet<Amendment> = new Set();

/** Finds what any endpoint of a run has answered before. */
export class CacheLookup<E extends Endpoint> {
  readonly #router: Pick<Router<E>, "endpoints" | "found">;
  /** Whether equal rows are asked once and share the answer. */
  readonly #sharesEqual: boolean;
  /** The endpoints of which an answer was found. */
  readonly #found = new Set<E>();

  constructor(router: Pick<Router<E>, "endpoints" | "found">, sharesEqual: boolean) {
    this.#router = router;
    this.#sharesEqual = sharesEqual;
  }

  /** Any endpoint's cache, as all are of one journal; `undefined` without a journal, and until that is open. */
  get #cache(): ResponseCache | undefined {
    return this.#router.endpoints[0]?.cache;
  }

  /** Whether there is a journal to look in. */
  get isOpen(): boolean {
    return this.#cache !== undefined;
  }

  /** Notes on the row whether an earlier run was done with it, where that run asked for any of these. */
  peek(call: Call, replicates: readonly number[], row: RowContext): void {
    for (const endpoint of this.#router.endpoints) {
      const { cache } = endpoint;
      if (cache === undefined) continue;
      try {
        const { request } = endpoint.build(call);
        for (const replicate of replicates) cache.peek(cache.keyOf(request, { replicate, row }), row);
      } catch (error) {
        // Asking for it meets the same refusal, and deals with it.
        if (!isMembersRefusal(error)) throw error;
      }
    }
  }

  /**
   * What any endpoint has answered. Where each of them has refused this request, it throws the refusal, and where one
   * has said something else that fails the row, that.
   */
  find(routed: RoutedRequest): Answer | undefined {
    const { endpoints } = this.#router;
    const { row } = routed;
    const { isSettled } = row;
    let failure: unknown;
    for (const endpoint of endpoints) {
      try {
        const found = this.#findAt(endpoint, routed);
        if (found !== undefined) {
          if (this.#found.size < endpoints.length) this.#learn(routed);
          return found;
        }
      } catch (error) {
        if (isMembersRefusal(error)) routed.exclude(endpoint, error);
        else failure ??= error;
      }
    }
    routed.searchedWith = this.#amendments;
    if (failure !== undefined) throw failure;
    requireAskable(endpoints, routed);
    // An endpoint that cannot be asked says nothing about an earlier run of the others.
    if (routed.hasExclusions) row.isSettled = isSettled;
    return undefined;
  }

  /** As {@linkcode find}, where amendments have become known since the last search. */
  findAnew(routed: RoutedRequest): Answer | undefined {
    return !this.isOpen || routed.searchedWith === this.#amendments ? undefined : this.find(routed);
  }

  /**
   * Claims the right to ask: `undefined` is yes, and {@linkcode release} must follow. Otherwise an equal row asks, and
   * the caller looks again when the promise resolves. Throws where nothing is to be asked for the row.
   */
  claim(routed: RoutedRequest, signal: AbortSignal): Promise<void> | undefined {
    const { row } = routed;
    this.#cache?.refuseToAsk(row);
    routed.claimed = this.#claimKeyOf(routed);
    return this.#cache?.claim(routed.claimed, row, signal);
  }

  release({ claimed }: RoutedRequest): void {
    if (claimed !== undefined) this.#cache?.release(claimed);
  }

  /** How many amendments are known. They are never forgotten. */
  get #amendments(): number {
    let sum = 0;
    for (const { amendments } of this.#router.endpoints) sum += amendments.size;
    return sum;
  }

  /** What one endpoint has answered, with everything left out that it is known to refuse. */
  #findAt(endpoint: E, routed: RoutedRequest): Answer | undefined {
    const { cache } = endpoint;
    if (cache === undefined) return undefined;
    for (;;) {
      const built = routed.buildFor(endpoint);
      built.key ??= cache.keyOf(built.request, routed);
      const answer = cache.find(built.key, routed, built.known);
      if (answer === undefined) return undefined;
      const { events, provider } = endpoint;
      if (events.wants("journal:hit"))
        events.publish("journal:hit", { row: routed.row, provider: provider.name, model: provider.model });
      if (answer.ok) {
        this.#found.add(endpoint);
        endpoint.noteAnswer(built, answer.notice);
        this.#router.found(endpoint);
        return answer.completion;
      }
      const error = new RejectionError(answer.rejection);
      if (!routed.amend(endpoint, error)) throw error;
    }
  }

  /** Learns what the other endpoints have refused of this row: in later rows they were asked without it. */
  #learn({ call, replicate, row }: RoutedRequest): void {
    const { occurrence, cutFrom } = row;
    for (const endpoint of this.#router.endpoints) {
      if (this.#found.has(endpoint)) continue;
      try {
        // With a row of its own, as what those refusals cost is not part of the answer that was found.
        this.#findAt(
          endpoint,
          new RoutedRequest(call, replicate, new RowContext(1, { occurrence, cutFrom })),
        );
      } catch (error) {
        if (!(error instanceof RejectionError)) throw error;
      }
    }
  }

  /** The key that stands for a request, whichever endpoint is asked in the end. */
  #claimKeyOf(routed: RoutedRequest): string {
    const { endpoints } = this.#router;
    let refusal: unknown;
    for (const endpoint of endpoints) {
      const { cache } = endpoint;
      if (cache === undefined) continue;
      try {
        // Rows that share an answer must claim one key, even where an amendment has become known between them.
        const isPlain = this.#sharesEqual && endpoint.amendments.size > 0;
        const { key, request } = isPlain ? endpoint.build(routed.call, NONE) : routed.buildFor(endpoint);
        return key ?? cache.keyOf(request, routed);
      } catch (error) {
        refusal ??= error;
      }
    }
    throw refusal;
  }
}
