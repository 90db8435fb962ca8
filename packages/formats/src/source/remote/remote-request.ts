import { setTimeout as sleep } from "node:timers/promises";
import type { connectionFault, createAgent } from "@parallel-parrot/transport";
import { ParrotError } from "@parallel-parrot/core";
import type { InputName } from "../input-name.ts";
import { InternetHosts, PrivateAddressError } from "./internet-hosts.ts";
import { refusalOf } from "./redirect-check.ts";

/** A response whose body has not been read yet. */
export interface RemoteResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Pulls the body; throws {@linkcode Interrupted} where it does not come to its end. */
  read(): Promise<Uint8Array | undefined>;
  /** Gives the connection back without reading the rest. */
  discard(): void;
}

/** A response that did not come, or not whole: asking again may help. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
  /** How long to wait before that, where the server says so. */
  readonly waitMs: number | undefined;

  constructor(message: string, waitMs?: number) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** How long nothing may come before a connection is taken for dead. */
const SILENCE_MS = 60_000;
const MAX_REDIRECTS = 5;

/** What sends requests. */
interface Web {
  readonly agent: ReturnType<typeof createAgent>;
  readonly faultOf: typeof connectionFault;
}

const hosts = new InternetHosts();
let loading: Promise<Web> | undefined;

/** The code that sends requests, which only inputs from the web need, and the agent that they share. */
function loadWeb(): Promise<Web> {
  loading ??= import("@parallel-parrot/transport").then((transport) => ({
    agent: transport.createAgent({ connect: { lookup: hosts.lookup } }),
    faultOf: transport.connectionFault,
  }));
  return loading;
}

/**
 * Asks for a file. Redirects are followed, but not from the internet to a private network, and never to a connection
 * without encryption from one with it.
 *
 * @returns the response, and the address that gave it
 * @throws Interrupted, or ParrotError where asking again does not help
 */
export async function request(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { name, signal }: { readonly name: InputName; readonly signal: AbortSignal },
): Promise<{ readonly response: RemoteResponse; readonly url: URL }> {
  let at = url;
  for (let redirects = 0; ; redirects += 1) {
    const response = await requestOnce(at, headers, name, signal);
    const { location } = response.headers;
    if (response.status < 300 || response.status > 399 || typeof location !== "string")
      return { response, url: at };
    response.discard();
    at = await redirected(at, location, name);
    if (redirects === MAX_REDIRECTS)
      throw unreadableAddress(name, `the server redirects over ${MAX_REDIRECTS} times`);
  }
}

async function redirected(from: URL, location: string, name: InputName): Promise<URL> {
  const to = URL.parse(location, from.href);
  const refusal = to === null ? "to an address that is none" : await refusalOf(from, to);
  if (to === null || refusal !== undefined)
    throw unreadableAddress(name, `the server redirects ${refusal}, which is not followed`);
  // What a server of the internet leads to has to be there when it is connected to, and not only now.
  if (hosts.has(from.hostname)) hosts.add(to.hostname);
  return to;
}

async function requestOnce(
  { origin, pathname, search, host }: URL,
  headers: Readonly<Record<string, string>>,
  name: InputName,
  signal: AbortSignal,
): Promise<RemoteResponse> {
  const { agent, faultOf } = await loadWeb();
  const silence = new Silence(signal);
  const failed = (error: unknown): Error => {
    silence.end();
    if (silence.isTooLong) return new Interrupted(`${host} sent nothing for ${SILENCE_MS / 1000} seconds`);
    if (signal.aborted) return new Interrupted("the reading was ended");
    if (error instanceof PrivateAddressError)
      return unreadableAddress(name, `${error.message}, which is not followed`);
    const { message, isPassing } = faultOf(error, host);
    return isPassing ? new Interrupted(message) : unreadableAddress(name, message);
  };
  try {
    const {
      statusCode,
      headers: received,
      body,
    } = await agent.request({
      origin,
      path: pathname + search,
      method: "GET",
      // Ranges and the end of the file are those of the bytes as they are stored.
      headers: { "accept-encoding": "identity", "user-agent": "parallel-parrot", ...headers },
      signal: silence.signal,
    });
    const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
    silence.end();
    return {
      status: statusCode,
      headers: received,
      async read() {
        try {
          silence.begin();
          const next = await chunks.next();
          silence.end();
          return next.done === true ? undefined : next.value;
        } catch (error) {
          throw failed(error);
        }
      },
      discard() {
        silence.end();
        body.on("error", () => undefined).destroy();
      },
    };
  } catch (error) {
    throw failed(error);
  }
}

/** Ends a request when nothing comes for too long. Time in which nobody waits for it does not count. */
class Silence {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;
  isTooLong = false;

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#controller.signal]);
    this.begin();
  }

  begin(): void {
    this.#timer = setTimeout(() => {
      this.isTooLong = true;
      this.#controller.abort();
    }, SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Waits before the next attempt. */
export async function waitFor(
  attempt: number,
  asked: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const ms = Math.min(asked ?? 250 * 2 ** attempt, 60_000);
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** The error of an address whose file cannot be read, whatever is done again. */
export function unreadableAddress({ label, position }: InputName, problem: string): ParrotError {
  return new ParrotError("INPUT_UNREADABLE", `Cannot read ${label}: ${problem}`, position);
}
