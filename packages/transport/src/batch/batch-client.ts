import type {
  BatchCreated,
  BatchCreation,
  BatchDialect,
  BatchOutput,
  BatchReading,
  BatchRequest,
  BatchStep,
  ProviderResponse,
  Rejection,
} from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { RejectionError } from "../errors/rejection-error.ts";
import type { FileSlice } from "../http/streamed/file-body.ts";
import type { ProgressLimits } from "../http/streamed/progress-clock.ts";
import type { LineLimits } from "../http/streamed/response-lines.ts";
import {
  StreamingClient,
  type StreamedRequest,
  type StreamedResponse,
} from "../http/streamed/streaming-client.ts";
import { authorize, type Credentials } from "../request/authorize.ts";
import { readRedirect } from "../request/read-redirect.ts";
import { withoutCredentials } from "../request/without-credentials.ts";

/** Options of {@linkcode BatchClient}. */
export interface BatchClientOptions extends Partial<ProgressLimits> {
  readonly dispatcher: Dispatcher;
  readonly limits?: Partial<BatchClientLimits>;
}

/** The most bytes of what a server says, decompressed. */
export interface BatchClientLimits {
  /** Of a response that is read as a whole: a job, a page of a list or of results. @default 256 MiB */
  readonly maxPageBytes: number;
  /** Of one result, which is that of a direct response. @default 32 MiB */
  readonly maxLineBytes: number;
  /** Of all results in one file. @default 64 GiB: they are not in memory, and no job has as many */
  readonly maxResultBytes: number;
}

const DEFAULT_LIMITS: BatchClientLimits = {
  maxPageBytes: 256 * 2 ** 20,
  maxLineBytes: 32 * 2 ** 20,
  maxResultBytes: 64 * 2 ** 30,
};
const DEFAULT_PROGRESS: ProgressLimits = { stallMs: 60_000, answerMs: 300_000 };

/** How one request is sent. */
export interface BatchSending {
  readonly signal: AbortSignal;
  /** The lines of the job, for the steps whose body has them: the upload, or the creation where there is none. */
  readonly lines?: FileSlice;
}

/**
 * Sends the requests of one API's batches, each once, and reads what comes. The credentials go to the API's own server
 * alone, and are taken out of what it says. A redirect is not followed: it is for the step to read, as an upload may be
 * told to go elsewhere, and stops everything where the step does not expect one.
 *
 * Each method throws an HttpError where no response came; its `wasSent` says whether the server may have carried out the
 * request. Or it throws the signal's reason, or a RejectionError where there are no credentials just now.
 */
export class BatchClient {
  readonly #dialect: BatchDialect;
  readonly #client: StreamingClient;
  readonly #limits: BatchClientLimits;

  constructor(dialect: BatchDialect, { dispatcher, limits, ...progress }: BatchClientOptions) {
    this.#dialect = dialect;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const { maxPageBytes: maxBytes } = this.#limits;
    this.#client = new StreamingClient({ ...DEFAULT_PROGRESS, ...progress, dispatcher, maxBytes });
  }

  /** Sends the request of a step and reads the response. */
  async ask<T extends object>(step: BatchStep<T>, sending: BatchSending): Promise<BatchReading<T>> {
    const response = await this.#whole(step.request, sending);
    const reading = step.read(response);
    return reading.ok ? reading : { ...reading, ...refusedBy(response) };
  }

  /** Sends the request that makes a job. After any error with `wasSent` there may be one. */
  async create(creation: BatchCreation, sending: BatchSending): Promise<BatchCreated> {
    const response = await this.#whole(creation.request, sending);
    const created = creation.read(response);
    return created.ok ? created : { ...created, ...refusedBy(response) };
  }

  /**
   * The lines of one output of a job, as they come and on all of its pages; nothing is sent before the first is asked
   * for. Those that came before an error are good.
   *
   * @throws RejectionError if the server refuses to give them
   */
  async *results(
    output: BatchOutput,
    { signal, onTooLong }: Pick<BatchSending, "signal"> & Pick<LineLimits, "onTooLong">,
  ): AsyncGenerator<string> {
    for (let page: BatchOutput | undefined = output; page !== undefined;) {
      const { response, credentials } = await this.#send(page.request, { signal });
      if (page.isLines && isSuccess(response)) {
        const { maxLineBytes, maxResultBytes: maxBytes } = this.#limits;
        const { status, headers } = response;
        for await (const body of response.lines({ maxLineBytes, maxBytes, onTooLong }))
          yield withoutCredentials({ status, headers, body }, credentials).body;
        return;
      }
      const whole = withoutCredentials(await response.whole(), credentials);
      const reading = page.read(whole);
      if (!reading.ok) throw new RejectionError(refusedBy(whole)?.rejection ?? reading.rejection);
      yield* reading.lines;
      page = reading.next;
    }
  }

  async #whole(request: BatchRequest, sending: BatchSending): Promise<ProviderResponse> {
    const { response, credentials } = await this.#send(request, sending);
    return withoutCredentials(await response.whole(), credentials);
  }

  async #send(
    request: BatchRequest,
    { signal, lines }: BatchSending,
  ): Promise<{ response: StreamedResponse; credentials: Credentials }> {
    const body = bodyOf(request, lines);
    const credentials = await authorize(this.#dialect, request);
    const headers = { ...request.headers, ...credentials };
    const { method, url } = request;
    return { response: await this.#client.send({ method, url, headers, body }, signal), credentials };
  }
}

function bodyOf({ body, url }: BatchRequest, slice: FileSlice | undefined): StreamedRequest["body"] {
  if (typeof body !== "object") return body;
  if (slice === undefined)
    throw new TypeError(`The request to ${url} has lines in its body, and none are given`);
  return { ...body, slice };
}

/** Why a response is none that a step can read, where it is a redirect that the step did not expect. */
function refusedBy(response: ProviderResponse): { readonly rejection: Rejection } | undefined {
  const answer = readRedirect(response);
  return answer === undefined || answer.ok ? undefined : { rejection: answer.rejection };
}

function isSuccess({ status }: StreamedResponse): boolean {
  return status >= 200 && status < 300;
}
