import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { messageOf, stringifyJson } from "@parallel-parrot/core";
import { RunApi } from "../api/run-api.ts";
import { IndexedRuns } from "../rows/indexed-runs.ts";
import type { RunSource } from "../run-source.ts";
import type { Refusal } from "../wire.ts";
import { Download } from "./download.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { readBody } from "./read-body.ts";
import { readPage, type PageFile } from "./page-files.ts";
import { RequestGuard } from "./request-guard.ts";
import { SECURE_HEADERS } from "./secure-headers.ts";

export interface UiOptions {
  readonly source: RunSource;
  /** On 127.0.0.1. @default 0: a free one */
  readonly port?: number;
}

/** A page that is served. */
export interface Ui extends AsyncDisposable {
  /** The address with the key to the page in it. Whoever has it can read the journal and have rows asked again. */
  readonly url: string;
  /**
   * An address that opens the page once, within a minute: for a browser's command line, which other users of this machine
   * can list.
   */
  urlForOnce(): string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const TOKEN_BYTES = 24;

/**
 * Serves a page over the runs of a source to the user of this machine: on loopback alone, to whom has the address that it
 * gives.
 *
 * @throws the system's error, such as `EADDRINUSE`
 */
export async function startUi({ source, port = 0 }: UiOptions): Promise<Ui> {
  const files = await readPage();
  const indexed = new IndexedRuns(source);
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const server = createServer();
  const open = await listen(server, port);
  const guard = new RequestGuard(open, token);
  const desk = new Desk(guard, files, new RunApi(source, indexed));
  server.on("request", (request, response) => void desk.serve(request, response));
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    indexed.close();
  };
  const address = `http://${HOST}:${open}/`;
  return {
    url: `${address}#key=${token}`,
    urlForOnce: () => `${address}#once=${guard.tickets.give()}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** Answers requests: for the page itself to anybody on this machine, for data to whoever has the token. */
class Desk {
  readonly #guard: RequestGuard;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #api: RunApi;

  constructor(guard: RequestGuard, files: ReadonlyMap<string, PageFile>, api: RunApi) {
    this.#guard = guard;
    this.#files = files;
    this.#api = api;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURE_HEADERS)) response.setHeader(name, value);
    try {
      this.#guard.requireOwnPage(request);
      const url = urlOf(request);
      const { pathname, searchParams } = url;
      if (request.method === "POST") {
        if (pathname === "/api/key") {
          sendJson(response, 200, { key: this.#guard.keyFor(await readBody(request)) });
          return;
        }
        this.#guard.requireToken(request);
        sendJson(response, 200, await this.#change(request, pathname));
        return;
      }
      if (request.method !== "GET") throw new HttpRefusal(405, "This is neither read nor changed here");
      const file = this.#files.get(pathname);
      if (file !== undefined) {
        response.writeHead(200, { "content-type": file.type }).end(file.bytes);
        return;
      }
      this.#guard.requireTokenOrTicket(request, url);
      const answer = await this.#api.answer(pathname, searchParams);
      if (answer instanceof Download) await answer.send(response);
      else sendJson(response, 200, answer);
    } catch (error) {
      const status = error instanceof HttpRefusal ? error.status : 500;
      const refusal: Refusal = { error: messageOf(error) };
      if (!response.headersSent) sendJson(response, status, refusal);
      else response.destroy();
    }
  }

  async #change(request: IncomingMessage, path: string): Promise<unknown> {
    if (path !== "/api/tickets") return this.#api.change(path, () => readBody(request));
    await readBody(request);
    return { ticket: this.#guard.tickets.give() };
  }
}

function urlOf({ url = "" }: IncomingMessage): URL {
  // Nothing but a path: an address in its place would be that of another server.
  if (!url.startsWith("/") || !URL.canParse(`http://${HOST}${url}`))
    throw new HttpRefusal(400, "The address cannot be read");
  return new URL(`http://${HOST}${url}`);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(stringifyJson(value));
}
