import type { SimError } from "../dialect.ts";
import type { Random } from "../random.ts";

/** Answered at once in place of the API, before the key and the limits are looked at. */
export type ImmediateFault =
  /** An error response. Without a `body` it has the dialect's error body for that status. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Text is sent as it is, anything else as JSON. */
      readonly body?: unknown;
    }
  /** Any error of the dialect. */
  | {
      readonly kind: "error";
      readonly error: SimError;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The account has no credit left: for OpenAI a 429 with `insufficient_quota`. */
  | { readonly kind: "noCredit" }
  /** The connection is reset before anything is sent. */
  | { readonly kind: "reset" }
  /** The connection is closed, as by a server that is going down, before anything is sent. */
  | { readonly kind: "hangUp" }
  /** Nothing is ever sent. */
  | { readonly kind: "stall" }
  /** A status line, then the bytes of headers that never end, one every `everyMs`. @default everyMs 100 */
  | { readonly kind: "dripHeaders"; readonly everyMs?: number }
  /** A web page, as a proxy sends it. @default status 200 */
  | { readonly kind: "html"; readonly status?: number }
  /** @default status 307 */
  | { readonly kind: "redirect"; readonly url: string; readonly status?: number }
  /** A small compressed body that decompresses to `bytes`. @default bytes 256 MiB */
  | { readonly kind: "gzipBomb"; readonly bytes?: number };

/** Changes what the model does. The request is checked, limited and charged as any other. */
export type AnswerFault =
  | { readonly kind: "emptyChoices" }
  | { readonly kind: "refusal" }
  /** Blocks the answer, or the prompt with an error; a 501 where the API has no such filter. @default at "answer" */
  | { readonly kind: "contentFilter"; readonly at?: "answer" | "prompt" }
  /** Half an answer, ended for its length. */
  | { readonly kind: "lengthCutOff" }
  /**
   * An answer of the wrong form: JSON of another shape, the right JSON in prose or in a code fence, broken
   * JSON, or no JSON at all. @default form "wrongShape"
   */
  | {
      readonly kind: "badContent";
      readonly form?: "wrongShape" | "prose" | "fences" | "brokenJson" | "notJson";
    }
  /** No text at all, ended as usual. */
  | { readonly kind: "emptyContent" }
  /** The text as a list of parts, where the API gives a string as a rule. */
  | { readonly kind: "contentList" }
  /** Thoughts before the text. @default tokens those of the text of the thoughts */
  | { readonly kind: "thinking"; readonly tokens?: number }
  /** So many tokens of the input come from a cache. */
  | { readonly kind: "cacheHit"; readonly tokens: number }
  /** The texts that the schema lists (`enum`, `const`) come in capitals, or in small letters where they had those. */
  | { readonly kind: "enumCase" }
  /** The API gives up on the answer and says so within it: `status: "failed"`, `finish_reason: "error"`. */
  | { readonly kind: "failed" }
  /**
   * An error with status 200: in the API's `"own"` words, as `"openrouter"` (`{error: {code, message}}`) or as
   * `"xai"` (`{code, error}`) has it. @default form "own", code 502
   */
  | {
      readonly kind: "errorInside";
      readonly form?: "own" | "openrouter" | "xai";
      readonly code?: number;
      readonly message?: string;
    }
  /** The model refuses parameter `name` with an error; requests without it are answered. */
  | { readonly kind: "unsupportedParameter"; readonly name: string }
  /** The right answer after `ms`, in place of the usual latency. */
  | { readonly kind: "delay"; readonly ms: number };

/** Sends the answer wrongly. The request is checked, limited and charged as any other. */
export type DeliveryFault =
  /** The connection is reset after half the body. */
  | { readonly kind: "resetMidBody" }
  /**
   * Half the body. `content-length` tells the full length, the length sent, or is left out so that the body
   * ends where the connection does. @default contentLength "full"
   */
  | { readonly kind: "truncate"; readonly contentLength?: "full" | "sent" | "none" }
  /** Half the body, then nothing more. */
  | { readonly kind: "stallBody" }
  /** `bytes` at a time, every `everyMs`. @default bytes 1, everyMs 100 */
  | { readonly kind: "drip"; readonly bytes?: number; readonly everyMs?: number }
  /** `lines` blank lines before the JSON, one every `everyMs`, as a busy server sends. @default lines 3, everyMs 10 */
  | { readonly kind: "blankLines"; readonly lines?: number; readonly everyMs?: number }
  /** A whole body that is not JSON. */
  | { readonly kind: "invalidJson" }
  /** Compressed; `damaged` so that it cannot be decompressed. */
  | { readonly kind: "gzip"; readonly damaged?: boolean }
  /** The right JSON, filled up to `bytes` with spaces. @default bytes 64 MiB */
  | { readonly kind: "hugeBody"; readonly bytes?: number };

/** Something that goes wrong, as plain data. */
export type Fault = ImmediateFault | AnswerFault | DeliveryFault;

/** A request, as a {@linkcode FaultScript} sees it. */
export interface FaultRequest {
  /** 1 for the first request the simulator received, whatever its path. */
  readonly sequence: number;
  /** 1 for the first request with these very bytes as its body. */
  readonly attempt: number;
  readonly method: string;
  readonly path: string;
  /** The name of the dialect that the path belongs to. */
  readonly dialect: string;
  /** The parsed body; `undefined` where there is none or it is not JSON. */
  readonly body: unknown;
  /** Follows from the seed, the body and the attempt, so that it does not matter what arrives first. */
  readonly random: Random;
}

/** Decides what goes wrong with a request. */
export type FaultScript = (request: FaultRequest) => Fault | undefined;

/** `fault` on the requests with these numbers, counted from 1. */
export function onRequest(sequence: number | readonly number[], fault: Fault): FaultScript {
  const sequences = new Set([sequence].flat());
  return (request) => (sequences.has(request.sequence) ? fault : undefined);
}

/** `fault` on these attempts of every body, counted from 1: `onAttempt(1, …)` fails each request once. */
export function onAttempt(attempt: number | readonly number[], fault: Fault): FaultScript {
  const attempts = new Set([attempt].flat());
  return (request) => (attempts.has(request.attempt) ? fault : undefined);
}

/** `fault` on a random share of the requests, such as 0.3. */
export function atRate(rate: number, fault: Fault): FaultScript {
  return ({ random }) => (random() < rate ? fault : undefined);
}

/** The fault of the first script that has one. */
export function firstOf(...scripts: readonly FaultScript[]): FaultScript {
  return (request) => {
    for (const script of scripts) {
      const fault = script(request);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}
