import { ParrotError } from "@parallel-parrot/core";
import { invalidInput, type InputName } from "../input-name.ts";
import { requireWebAddress } from "./remote-address.ts";
import { Interrupted, request, unreadableAddress, waitFor, type RemoteResponse } from "./remote-request.ts";

/** What a server says of a file, by which it is known again. */
interface FileState {
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  readonly size: number | undefined;
}

/** Bytes of a file from one place on: a part of it, or all of it where the server gives no parts. */
interface RemotePart {
  readonly response: RemoteResponse;
  readonly isWhole: boolean;
}

/** Attempts in succession: few before the file was seen, as the address may be wrong. */
const MAX_ATTEMPTS = 8;
const MAX_FIRST_ATTEMPTS = 3;
/** Most of an error page that is read, to find out why. */
const MAX_PAGE_BYTES = 16 * 1024;

/** A file on a web server, of which parts are asked for. All of them are parts of the same file, or an error is thrown. */
export class RemoteFile {
  readonly name: InputName;
  readonly #url: URL;
  readonly #abort = new AbortController();
  /** Where redirects have led. */
  #at: URL | undefined;
  #state: FileState | undefined;
  /** How the bytes are encoded for the way, where the server says so. */
  encoding = "";

  constructor(address: string, name: InputName) {
    this.#url = requireWebAddress(address);
    this.name = name;
  }

  /** The number of its bytes; `undefined` until something was read, and where the server does not say. */
  get size(): number | undefined {
    return this.#state?.size;
  }

  /** Does something with a part of the file, and again with a new one where that ends early. */
  async attempt<T>(task: (isAgain: boolean) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await task(attempt > 0);
      } catch (error) {
        if (!(error instanceof Interrupted) || this.#abort.signal.aborted) throw error;
        const most = this.#state === undefined ? MAX_FIRST_ATTEMPTS : MAX_ATTEMPTS;
        if (attempt + 1 >= most) throw unreadableAddress(this.name, `${error.message}; asked ${most} times`);
        await waitFor(attempt, error.waitMs, this.#abort.signal);
      }
    }
  }

  /** So many bytes from a place on, in memory of their own; fewer where the file ends before. */
  async read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.attempt(async () => {
      const part = await this.ask(start, length);
      if (part === undefined) return new Uint8Array();
      if (!part.isWhole) return collect(part.response, Math.min(length, (this.size ?? Infinity) - start));
      part.response.discard();
      throw unreadableAddress(
        this.name,
        "the server gives no parts of it, which its format needs; save it as a file and name that",
      );
    });
  }

  /** Asks for bytes; `undefined` where the file has none there. @throws Interrupted */
  async ask(start: number, length: number): Promise<RemotePart | undefined> {
    const { etag } = this.#state ?? {};
    const headers = {
      range: `bytes=${start}-${start + length - 1}`,
      // A weak one does not tell whether the bytes are the same.
      ...(etag === undefined || etag.startsWith("W/") ? {} : { "if-match": etag }),
    };
    const { name } = this;
    const from = this.#at ?? this.#url;
    const { response, url } = await request(from, headers, { name, signal: this.#abort.signal });
    const { status } = response;
    if (status === 206 || status === 200) {
      this.#at = url;
      this.#require(stateOf(response));
      this.encoding = textOf(response.headers["content-encoding"]) ?? "";
      if (status === 206) requireStart(response, start, name);
      return { response, isWhole: status === 200 };
    }
    const page = await beginningOf(response);
    if (
      status === 416 &&
      start === 0 &&
      textOf(response.headers["content-range"])?.endsWith("*/0") === true
    ) {
      this.#require({ etag: undefined, modified: undefined, size: 0 });
      return undefined;
    }
    if (status === 412 || status === 416) throw changed(name);
    // Where a redirect has led may be good for a short time only.
    const isOld = this.#at !== undefined && this.#at.href !== this.#url.href;
    this.#at = undefined;
    if (isOld && status >= 400 && status < 500) throw new Interrupted(`HTTP ${status}`, 0);
    throw refused(response, page, name, url.host);
  }

  close(): void {
    this.#abort.abort();
  }

  #require(state: FileState): void {
    this.#state ??= state;
    const known = this.#state;
    const differs = (["etag", "modified", "size"] as const).some(
      (what) => known[what] !== undefined && state[what] !== undefined && known[what] !== state[what],
    );
    if (differs) throw changed(this.name);
  }
}

/** The body of a part, which has so many bytes. */
export async function collect(response: RemoteResponse, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (let chunk = await response.read(); chunk !== undefined; chunk = await response.read()) {
    if (filled + chunk.length > length) {
      response.discard();
      throw new Interrupted("the server sent more than it was asked for");
    }
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < length) throw new Interrupted(`the connection ended after ${filled} of ${length} bytes`);
  return bytes;
}

function stateOf({ status, headers }: RemoteResponse): FileState {
  const [, total] = /\/(\d+)$/.exec(textOf(headers["content-range"]) ?? "") ?? [];
  const length = status === 206 ? total : textOf(headers["content-length"]);
  return {
    etag: textOf(headers["etag"]),
    modified: textOf(headers["last-modified"]),
    size: length === undefined ? undefined : Number(length),
  };
}

function requireStart(response: RemoteResponse, start: number, name: InputName): void {
  const [, first] = /^bytes (\d+)-/.exec(textOf(response.headers["content-range"]) ?? "") ?? [];
  if (Number(first) === start) return;
  response.discard();
  throw unreadableAddress(name, "the server sent another part of it than was asked for");
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function changed(name: InputName): ParrotError {
  return invalidInput(name, {}, "the file was changed while it was read; run it again");
}

/** The beginning of an error page. It may repeat the address with its signature: nothing of it is shown. */
async function beginningOf(response: RemoteResponse): Promise<string> {
  let text = "";
  try {
    while (text.length < MAX_PAGE_BYTES) {
      const chunk = await response.read();
      if (chunk === undefined) return text;
      text += Buffer.from(chunk).toString("latin1");
    }
  } catch {
    // What came is enough.
  }
  response.discard();
  return text;
}

const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

function refused({ status, headers }: RemoteResponse, page: string, name: InputName, host: string): Error {
  const words = `HTTP ${status} from ${host}`;
  if (PASSING.has(status)) {
    const seconds = Number(textOf(headers["retry-after"]) ?? Number.NaN);
    return new Interrupted(words, Number.isNaN(seconds) ? undefined : seconds * 1000);
  }
  if (status === 404 || status === 410)
    return new ParrotError(
      "INPUT_NOT_FOUND",
      `Cannot read ${name.label}: there is no such file (${words})`,
      name.position,
    );
  // S3, Google Cloud Storage and Azure name the reason so.
  const [, code] = /<Code>([A-Za-z]{1,40})<\/Code>/.exec(page) ?? [];
  const reason = code === undefined ? "" : `, ${code}`;
  const isRefusal = status === 401 || status === 403 || status === 400;
  const advice = /expired/i.test(page)
    ? ": the signature in its address has expired; give a new address"
    : isRefusal
      ? ": it may need a signed address, or a signature that has not expired"
      : "";
  return unreadableAddress(name, `${words}${reason}${advice}`);
}
