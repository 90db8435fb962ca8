import type { FinishReason } from "@parallel-parrot/core";
import type { LimitReading } from "@parallel-parrot/limiter";
import type { Provider, ProviderResponse, Rejection } from "../provider.ts";

/** A recorded answer, and what the adapter must read from it. */
export interface AnswerFixture {
  readonly response: ProviderResponse;
  /** The text of each choice. */
  readonly texts: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
  /** The finish reason of each choice. */
  readonly finishReasons?: readonly FinishReason[];
  /** The limits that its headers or body tell. */
  readonly limits?: readonly LimitReading[];
}

/** A recorded error, and what the adapter must read from it. */
export interface ErrorFixture {
  readonly name: string;
  readonly response: ProviderResponse;
  readonly verdict: Rejection["verdict"];
  readonly code: Rejection["code"];
  readonly retryAfterMs?: number;
}

/** What `testProvider` needs to know of an adapter. */
export interface ProviderSpec {
  /** Makes the provider with `secret` as its key. */
  readonly provider: (secret: string) => Provider;
  readonly answer: AnswerFixture;
  /** A recorded stream; it has an answer of its own. @default the API does not stream */
  readonly stream?: AnswerFixture;
  /** At least a wrong key, an unknown model, a throttled request, a server error and a bad request. */
  readonly errors: readonly ErrorFixture[];
}
