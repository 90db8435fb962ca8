import { hash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { deliver, deliverGzipBomb, dripHeaders, type Later } from "./deliver.ts";
import { parseJson } from "../json-value.ts";
import type { LedgerBook, OpenEntry } from "./ledger.ts";
import type { Settings } from "./options.ts";
import type { Repeats } from "./repeats.ts";
import type { Plan, Service } from "./service.ts";

interface HandlerParts {
  readonly service: Service;
  readonly ledger: LedgerBook;
  readonly repeats: Repeats;
  readonly settings: Settings;
  readonly now: () => number;
}

/** The longest time of Node's timers. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Makes the request listener. It reads a request, enters it in the ledger and carries out the service's plan. */
export function createHandler(
  parts: HandlerParts,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { service, ledger, repeats, settings, now } = parts;
  return (request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const queryAt = url.includes("?") ? url.indexOf("?") : url.length;
    const path = url.slice(0, queryAt);
    const target = { method, path, query: new URLSearchParams(url.slice(queryAt)), headers };
    readBody(request, service.maxBodyBytes(target), (bytes) => {
      const bodyHash = hash("sha256", bytes ?? "");
      const repeat = repeats.attempt(bodyHash);
      const entry = ledger.enter({
        timeMs: now(),
        method,
        path,
        dialect: undefined,
        model: undefined,
        body: bytes === undefined || isForm(headers) ? undefined : parseJson(bytes.toString()),
        bodyHash,
        attempt: repeat.attempts,
        keyIsRight: false,
        status: undefined,
        fault: undefined,
        tokensCharged: 0,
        endedMs: undefined,
        cutShort: false,
      });
      const later = timerOf(response, () => leave(entry, response));
      const plan = service.plan({
        entry,
        target,
        bodyTooLarge: bytes === undefined,
        bytes: bytes ?? Buffer.alloc(0),
        origin: `http://${headers.host ?? "127.0.0.1"}`,
        repeat,
      });
      carryOut(plan, response, later, settings.timeScale);
    });
  };

  function leave(entry: OpenEntry, response: ServerResponse): void {
    entry.cutShort = !response.writableFinished;
    ledger.leave(entry, now());
  }
}

function isForm({ "content-type": type = "" }: IncomingHttpHeaders): boolean {
  return type.startsWith("multipart/");
}

function carryOut(plan: Plan, response: ServerResponse, later: Later, timeScale: number): void {
  switch (plan.kind) {
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hangUp":
      response.socket?.destroySoon();
      return;
    case "stall":
      return;
    case "dripHeaders":
      dripHeaders(response, plan.everyMs * timeScale, later);
      return;
    case "gzipBomb":
      deliverGzipBomb(response, plan.bytes);
      return;
    case "respond": {
      const send = (): void => deliver(response, plan.produce(), plan.delivery, { later, timeScale });
      if (plan.delayMs > 0) later(plan.delayMs, send);
      else send();
    }
  }
}

/** Makes a timer that is cleared when the response closes. `closed` is called at that moment. */
function timerOf(response: ServerResponse, closed: () => void): Later {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(timer);
    closed();
  };
  if (response.closed) end();
  else response.once("close", end);
  return (ms, then) => {
    if (!response.closed) timer = setTimeout(then, Math.min(ms, MAX_TIMER_MS));
  };
}

/** Reads the whole body; `undefined` if it is larger than `limit`. `done` is not called if the client hangs up. */
function readBody(request: IncomingMessage, limit: number, done: (bytes: Buffer | undefined) => void): void {
  let chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    // The rest is read and dropped, because a client that is still sending would not read the refusal.
    if (length > limit) chunks = [];
    else chunks.push(chunk);
  });
  request.on("end", () => {
    if (length > limit) done(undefined);
    else done(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  });
}
