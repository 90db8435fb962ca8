import { stringifyJson } from "@parallel-parrot/core";
import { isSuccess } from "../errors/rejected.ts";
import type { ProviderResponse } from "../exchange.ts";
import { fieldsOf, parseJson, parseWritten, type Fields } from "../json-fields.ts";
import type { BatchCreation, BatchJob, BatchOutput, BatchRequest, BatchStep } from "./batch-dialect.ts";
import type { BatchHost } from "./batch-host.ts";

type Params = Readonly<Record<string, string | undefined>>;
type Headers = Readonly<Record<string, string>>;

/** A request that came too late, was in conflict with another, came too early, or was given up by its client. */
const UNCERTAIN: ReadonlySet<number> = new Set([408, 409, 425, 499]);

/** Redirects that a download may have. */
const REDIRECTS: ReadonlySet<number> = new Set([302, 303, 307]);

/** Builds the requests of jobs and files at one API, and the steps that read their responses. */
export class BatchSteps {
  readonly #host: BatchHost;
  readonly #baseUrl: string;

  /** @param baseUrl where files and jobs are */
  constructor(host: BatchHost, baseUrl: string = host.baseUrl) {
    this.#host = host;
    this.#baseUrl = baseUrl;
  }

  /** @param path what comes from a server and stands in it has been through `safeId` */
  get(path: string, params: Params = {}, headers: Headers = {}): BatchRequest {
    return { method: "GET", url: this.url(path, params), headers: this.#headers(headers) };
  }

  delete(path: string): BatchRequest {
    return { method: "DELETE", url: this.url(path), headers: this.#headers() };
  }

  /** Posts nothing, as a cancellation does. */
  act(path: string): BatchRequest {
    return { method: "POST", url: this.url(path), headers: this.#headers() };
  }

  post(path: string, value: unknown, headers: Headers = {}, params: Params = {}): BatchRequest {
    const all = this.#headers({ "content-type": "application/json", ...headers });
    return { method: "POST", url: this.url(path, params), headers: all, body: JSON.stringify(value) };
  }

  /** @param form as a query is written */
  postForm(path: string, form: string): BatchRequest {
    const headers = this.#headers({ "content-type": "application/x-www-form-urlencoded" });
    return { method: "POST", url: this.url(path), headers, body: form };
  }

  /** Posts all lines in one body. */
  postLines(path: string, lines: { before: string; after: string; type: string }): BatchRequest {
    const { before, after, type } = lines;
    const headers = this.#headers({ "content-type": type });
    return { method: "POST", url: this.url(path), headers, body: { before, after } };
  }

  /**
   * A request to an address that the server has told. What is sent to the API in every request is not for a storage
   * elsewhere, which is reached by `https:` alone. `undefined` for an address that cannot be used.
   */
  at(
    address: unknown,
    request: Pick<BatchRequest, "method" | "body"> & { readonly headers?: Headers },
  ): BatchRequest | undefined {
    const url = typeof address === "string" ? URL.parse(address) : null;
    const isOwn = url?.origin === new URL(this.#baseUrl).origin;
    if (url === null || !(isOwn || url.protocol === "https:")) return undefined;
    const { headers = {} } = request;
    return { ...request, url: url.href, headers: isOwn ? this.#headers(headers) : headers };
  }

  url(path: string, params: Params = {}): string {
    const own = Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
    );
    const all = [this.#host.query.slice(1), ...own].filter((part) => part !== "");
    return `${this.#baseUrl}${path}${all.length === 0 ? "" : `?${all.join("&")}`}`;
  }

  /** @param find reads a success; `undefined` if it does not say what it should */
  step<T extends object>(
    request: BatchRequest,
    find: (body: Fields, response: ProviderResponse) => T | undefined,
  ): BatchStep<T> {
    return this.#reader(request, (response) => find(fieldsOf(parseJson(response.body)), response));
  }

  /** @param find reads a redirect, as which the server tells where to go on */
  redirected<T extends object>(
    request: BatchRequest,
    find: (response: ProviderResponse) => T | undefined,
  ): BatchStep<T> {
    return {
      request,
      read: (response) => {
        const found = REDIRECTS.has(response.status) ? find(response) : undefined;
        return found === undefined
          ? { ok: false, rejection: this.#host.rejectionOf(response) }
          : { ok: true, ...found };
      },
    };
  }

  /** A step whose success says nothing that matters. */
  done(request: BatchRequest): BatchStep<object> {
    return this.step(request, () => ({}));
  }

  job(request: BatchRequest, jobOf: (body: Fields) => BatchJob | undefined): BatchStep<{ job: BatchJob }> {
    return this.step(request, (body) => {
      const job = jobOf(body);
      return job === undefined ? undefined : { job };
    });
  }

  /** The step that makes a job. Without one there may be a job all the same, unless the request was refused. */
  creation(request: BatchRequest, jobOf: (body: Fields) => BatchJob | undefined): BatchCreation {
    const step = this.job(request, jobOf);
    return {
      request,
      read: (response) => {
        const reading = step.read(response);
        if (reading.ok) return reading;
        const { status } = response;
        return { ...reading, isCertain: status >= 400 && status < 500 && !UNCERTAIN.has(status) };
      },
    };
  }

  /** Results that are the lines of a file. */
  lines(request: BatchRequest): BatchOutput {
    return { ...this.#reader(request, ({ body }) => ({ lines: linesOf(body) })), isLines: true };
  }

  /** Results that are the lines of a file, which may be told to be at another address. */
  movedLines(request: BatchRequest): BatchOutput {
    return {
      request,
      isLines: true,
      read: (response) => {
        const { status, headers } = response;
        const moved = REDIRECTS.has(status) ? this.at(headers["location"], { method: "GET" }) : undefined;
        if (moved === undefined) return this.lines(request).read(response);
        return { ok: true, lines: [], next: this.lines(moved) };
      },
    };
  }

  /**
   * Results that are a list in a response, which is a page of them or all.
   *
   * @param find reads a success whose numbers are as they were written
   */
  page(
    request: BatchRequest,
    find: (body: Fields) => { readonly results: readonly unknown[]; readonly next?: BatchOutput } | undefined,
  ): BatchOutput {
    const step = this.#reader(request, ({ body }) => {
      const found = find(fieldsOf(parseWritten(body)));
      if (found === undefined) return undefined;
      const { results, ...next } = found;
      return { lines: results.flatMap((result) => stringifyJson(result) ?? []), ...next };
    });
    return { ...step, isLines: false };
  }

  /** @param find reads a success; `undefined` if it does not say what it should */
  #reader<T extends object>(
    request: BatchRequest,
    find: (response: ProviderResponse) => T | undefined,
  ): BatchStep<T> {
    return {
      request,
      read: (response) => {
        const found = isSuccess(response) ? find(response) : undefined;
        return found === undefined
          ? { ok: false, rejection: this.#host.rejectionOf(response) }
          : { ok: true, ...found };
      },
    };
  }

  #headers(own: Headers = {}): Headers {
    return { ...this.#host.headers, accept: "application/json", ...own };
  }
}

function linesOf(body: string): readonly string[] {
  return body.split("\n").filter((line) => line.trim() !== "");
}
