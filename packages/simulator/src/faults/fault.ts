import type { RowConfusion } from "../answers/several-rows.ts";
import type { SimError } from "../dialect.ts";
import type { Random } from "../random.ts";

/** Happens at once instead of the API's answer, before the key and the limits are checked. */
export type ImmediateFault =
  /** An error response. Without `body` it has the dialect's error body for this status. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** A text is sent unchanged, any other value as JSON. */
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
  /** The server still loads its model, and says so as one of these does. @default form "llamaCpp" */
  | { readonly kind: "loading"; readonly form?: LoadingForm }
  /** The connection is reset before anything is sent. */
  | { readonly kind: "reset" }
  /** The connection is closed before anything is sent, as by a server that is shutting down. */
  | { readonly kind: "hangUp" }
  /** Nothing is ever sent. */
  | { readonly kind: "stall" }
  /** A status line, then headers that never end, one byte every `everyMs`. @default everyMs 100 */
  | { readonly kind: "dripHeaders"; readonly everyMs?: number }
  /** A web page, as a proxy sends it. @default status 200 */
  | { readonly kind: "html"; readonly status?: number }
  /**
   * What stands before the API blocks this one request, as it would block a key or a model: a `"firewall"` with status
   * 403 and a web page, a `"filter"` with status 401, or a `"router"` with status 404, as no endpoint takes it.
   * @default by "firewall"
   */
  | { readonly kind: "blocked"; readonly by?: "firewall" | "filter" | "router" }
  /** @default status 307 */
  | { readonly kind: "redirect"; readonly url: string; readonly status?: number }
  /** A small compressed body that decompresses to `bytes`. @default bytes 256 MiB */
  | { readonly kind: "gzipBomb"; readonly bytes?: number };

/** Whose words say that a model is being loaded. */
export type LoadingForm = "llamaCpp" | "huggingFace" | "ollama";

/** How an error with status 200 is written. */
export type ErrorForm =
  | "own"
  | "openrouter"
  | "xai"
  | "baseResp"
  | "detail"
  | "errorCode"
  | "errors"
  | "list"
  | "message"
  | "success"
  | "wrapped";

/** Changes the model's answer. The request is checked, limited and charged like any other. */
export type AnswerFault =
  | { readonly kind: "emptyChoices" }
  | { readonly kind: "refusal" }
  /** Blocks the answer, or the prompt with an error; answers 501 if the API has no such filter. @default at "answer" */
  | { readonly kind: "contentFilter"; readonly at?: "answer" | "prompt" }
  /** Half of the answer, which was cut off for its length. */
  | { readonly kind: "lengthCutOff" }
  /**
   * An answer of the wrong form: JSON of another shape, the right JSON in prose or in a code fence, broken
   * JSON, or no JSON at all. @default form "wrongShape"
   */
  | {
      readonly kind: "badContent";
      readonly form?: "wrongShape" | "prose" | "fences" | "brokenJson" | "notJson";
    }
  /** An empty text with the usual finish reason. */
  | { readonly kind: "emptyContent" }
  /** The text as a list of parts although the API usually sends a string. */
  | { readonly kind: "contentList" }
  /** Thoughts before the text. @default tokens as many as the text of the thoughts has */
  | { readonly kind: "thinking"; readonly tokens?: number }
  /** This many tokens of the input were read from a cache. */
  | { readonly kind: "cacheHit"; readonly tokens: number }
  /**
   * The texts that the schema lists (`enum`, `const`) are in upper case, or in lower case if they were in upper case.
   */
  | { readonly kind: "enumCase" }
  /**
   * Of the answers to several rows in one request, the first is missing, comes twice or has an id that is no row's, or
   * they come in reverse order. A request for one row is answered as ever.
   */
  | { readonly kind: "rowsConfused"; readonly form: RowConfusion }
  /** The API gives up on the answer and says so within it: `status: "failed"`, `finish_reason: "error"`. */
  | { readonly kind: "failed" }
  /**
   * An error with status 200: in the API's `"own"` form, or in one of those that gateways and vendors have, such as
   * `"openrouter"` (`{error: {code, message}}`), `"xai"` (`{code, error}`) or `"baseResp"` of MiniMax.
   * @default form "own", code 502
   */
  | {
      readonly kind: "errorInside";
      readonly form?: ErrorForm;
      readonly code?: number;
      readonly message?: string;
    }
  /** A stream that nobody asked for. */
  | { readonly kind: "stream" }
  /** The stream ends in the middle, without a mark of its end. */
  | { readonly kind: "streamBreak" }
  /** An error in the middle of the stream. @default error `{ kind: "overloaded" }` */
  | { readonly kind: "streamError"; readonly error?: SimError }
  /** Requests that do not ask for a stream are refused. */
  | { readonly kind: "streamOnly"; readonly message?: string }
  /** The answer in a field of another object: `data`, `result` with `success` beside it, or `response`. @default form "data" */
  | { readonly kind: "wrapped"; readonly form?: "data" | "result" | "response" }
  /** The model refuses parameter `name` with an error; requests without it are answered. */
  | { readonly kind: "unsupportedParameter"; readonly name: string }
  /** The right answer after `ms` instead of the usual latency. */
  | { readonly kind: "delay"; readonly ms: number };

/** Sends the answer wrongly. The request is checked, limited and charged like any other. */
export type DeliveryFault =
  /**
   * The request is carried out and its answer is lost: the connection is reset, or a gateway answers with this status.
   * @default the connection is reset
   */
  | { readonly kind: "answerLost"; readonly status?: number }
  /** The connection is reset after half the body. */
  | { readonly kind: "resetMidBody" }
  /**
   * Half the body. `content-length` tells the full length or the length that was sent, or is left out so that the
   * body ends when the connection does. @default contentLength "full"
   */
  | { readonly kind: "truncate"; readonly contentLength?: "full" | "sent" | "none" }
  /** Half the body, then nothing more. */
  | { readonly kind: "stallBody" }
  /** The whole body without the end of the response: nothing more comes, or the connection is reset. @default reset false */
  | { readonly kind: "openEnd"; readonly reset?: boolean }
  /** The body in pieces of `bytes`, one every `everyMs`. @default bytes 1, everyMs 100 */
  | { readonly kind: "drip"; readonly bytes?: number; readonly everyMs?: number }
  /** `lines` blank lines before the JSON, one every `everyMs`, as a busy server sends. @default lines 3, everyMs 10 */
  | { readonly kind: "blankLines"; readonly lines?: number; readonly everyMs?: number }
  /** A whole body that is not JSON. */
  | { readonly kind: "invalidJson" }
  /**
   * A compressed body; with `damaged` it cannot be decompressed, and unless it is `announced`, no header says that it
   * is compressed. @default announced true
   */
  | { readonly kind: "gzip"; readonly damaged?: boolean; readonly announced?: boolean }
  /** The right body under the wrong `content-encoding`: `gzip` that a proxy has undone, or `utf-8`. */
  | { readonly kind: "contentEncoding"; readonly value: string }
  /** A byte order mark before the JSON. */
  | { readonly kind: "byteOrderMark" }
  /** The content type announces a charset. The body is UTF-8 all the same, or else written in that charset. */
  | {
      readonly kind: "charset";
      readonly charset: "iso-8859-1" | "utf-16le";
      readonly isTrue?: boolean;
    }
  /** Headers of this many bytes. @default bytes 20_000 */
  | { readonly kind: "bigHeaders"; readonly bytes?: number }
  /** The right JSON, followed by spaces up to `bytes`. @default bytes 64 MiB */
  | { readonly kind: "hugeBody"; readonly bytes?: number };

/** A fault as plain data. */
export type Fault = ImmediateFault | AnswerFault | DeliveryFault;

/** What a {@linkcode FaultScript} knows of a request. */
export interface FaultRequest {
  /** 1 for the first request the simulator received, whatever its path. */
  readonly sequence: number;
  /** 1 for the first request with exactly this body. */
  readonly attempt: number;
  readonly method: string;
  readonly path: string;
  /** The name of the dialect that the path belongs to. */
  readonly dialect: string;
  /** The parsed body; `undefined` if there is none or it is not JSON. */
  readonly body: unknown;
  /** Depends only on the seed, the body and the attempt, so that the order of arrival does not matter. */
  readonly random: Random;
}

/** Decides which fault happens to a request, if any. */
export type FaultScript = (request: FaultRequest) => Fault | undefined;

/** Makes a script that has `fault` for the requests with these numbers, counted from 1. */
export function onRequest(sequence: number | readonly number[], fault: Fault): FaultScript {
  const sequences = new Set([sequence].flat());
  return (request) => (sequences.has(request.sequence) ? fault : undefined);
}

/**
 * Makes a script that has `fault` for these attempts of every body, counted from 1: `onAttempt(1, …)` fails each
 * once.
 */
export function onAttempt(attempt: number | readonly number[], fault: Fault): FaultScript {
  const attempts = new Set([attempt].flat());
  return (request) => (attempts.has(request.attempt) ? fault : undefined);
}

/** Makes a script that has `fault` for a random share of the requests, such as 0.3. */
export function atRate(rate: number, fault: Fault): FaultScript {
  return ({ random }) => (random() < rate ? fault : undefined);
}

/** Makes a script that has the fault of the first of these scripts that has one. */
export function firstOf(...scripts: readonly FaultScript[]): FaultScript {
  return (request) => {
    for (const script of scripts) {
      const fault = script(request);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}
