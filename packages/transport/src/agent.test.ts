import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { Dispatcher, errors, request } from "undici";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createAgent, type AgentOptions } from "./agent.ts";

const read = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const cert = read("test-only-cert.pem");
const key = read("test-only-key.pem");

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function agentWith(options: AgentOptions = {}): Dispatcher {
  const agent = createAgent({ connect: { ca: cert }, ...options });
  cleanups.push(() => agent.destroy());
  return agent;
}

type AnyServer = Server | TlsServer | Http2SecureServer | TcpServer;

/** Counts what a server sees, and says where it is. */
class Backend {
  readonly server: AnyServer;
  readonly sockets = new Set<Socket>();
  readonly paths: string[] = [];
  connections = 0;
  inFlight = 0;
  maxInFlight = 0;
  /** Most of one HTTP/2 session. */
  maxStreams = 0;
  readonly sessions = new Set<ServerHttp2Session>();
  origin = "";

  constructor(server: AnyServer) {
    this.server = server;
    server.on("connection", (socket: Socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket)).on("error", () => undefined);
    });
    cleanups.push(() => this.stop());
  }

  async listen(scheme: "http" | "https"): Promise<this> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.origin = `${scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, "close");
  }
}

type Respond = (path: string, respond: (status?: number) => void, raw: ServerResponse) => void;

const atOnce: Respond = (_path, respond) => respond();

function handle(backend: () => Backend, respond: Respond) {
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const seen = backend();
    const path = incoming.url ?? "";
    seen.paths.push(path);
    seen.maxInFlight = Math.max(seen.maxInFlight, ++seen.inFlight);
    let open = true;
    outgoing.on("close", () => {
      if (open) seen.inFlight--;
      open = false;
    });
    incoming.resume().on("end", () => {
      respond(path, (status = 200) => outgoing.writeHead(status).end(`answer to ${path}`), outgoing);
    });
  };
}

async function plain(respond: Respond = atOnce): Promise<Backend> {
  const backend: Backend = new Backend(
    createServer(
      { keepAliveTimeout: 60_000 },
      handle(() => backend, respond),
    ),
  );
  return await backend.listen("http");
}

async function tls(respond: Respond = atOnce): Promise<Backend> {
  const backend: Backend = new Backend(
    createTlsServer(
      { cert, key },
      handle(() => backend, respond),
    ),
  );
  return await backend.listen("https");
}

async function http2(
  respond: Respond = atOnce,
  options: { readonly maxConcurrentStreams?: number; readonly allowHTTP1?: boolean } = {},
): Promise<Backend> {
  const { allowHTTP1 = false, ...settings } = options;
  const server = createSecureServer({ cert, key, allowHTTP1, settings });
  // The two kinds of request and response have what is used here in common.
  server.on("request", handle(() => backend, respond) as never);
  const backend = new Backend(server);
  server.on("session", (session) => {
    backend.sessions.add(session);
    let streams = 0;
    session.on("error", () => undefined).on("close", () => backend.sessions.delete(session));
    session.on("stream", (stream) => {
      backend.maxStreams = Math.max(backend.maxStreams, ++streams);
      stream.on("close", () => streams--).on("error", () => undefined);
    });
  });
  return await backend.listen("https");
}

/** Everything that a handler heard. */
class Recorder implements Dispatcher.DispatchHandler {
  readonly ended: Promise<this>;
  readonly #resolve: (self: this) => void;
  controller: Dispatcher.DispatchController | undefined;
  readonly calls: string[] = [];
  status = 0;
  text = "";
  error: (Error & { code?: string }) | undefined;
  onData: (() => void) | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<this>();
    this.ended = promise;
    this.#resolve = resolve;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.calls.push("start");
    this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.calls.push("headers");
    this.status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.text += chunk.toString();
    this.onData?.();
  }

  onResponseEnd(): void {
    this.calls.push("end");
    this.#resolve(this);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.calls.push("error");
    this.error = error;
    this.#resolve(this);
  }
}

function post(agent: Dispatcher, origin: string, path = "/", onEnd?: () => void): Recorder {
  const recorder = new Recorder();
  if (onEnd !== undefined) void recorder.ended.then(onEnd);
  agent.dispatch({ origin, path, method: "POST", body: "question" }, recorder);
  return recorder;
}

function posts(agent: Dispatcher, origin: string, count: number): Recorder[] {
  return Array.from({ length: count }, (_, index) => post(agent, origin, `/${index}`));
}

async function allEnded(recorders: readonly Recorder[]): Promise<void> {
  await Promise.all(recorders.map((recorder) => recorder.ended));
}

function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000, interval: 2 });
}

/** Holds answers until they are released. */
function gate(): { readonly respond: Respond; release(): void; readonly held: (() => void)[] } {
  const held: (() => void)[] = [];
  let open = false;
  return {
    held,
    respond: (_path, respond) => (open ? respond() : void held.push(respond)),
    release: () => {
      open = true;
      for (const respond of held.splice(0)) respond();
    },
  };
}

const protocols = { plain, tls, http2 };

describe.each(Object.entries(protocols))("createAgent over %s", (name, serve) => {
  it("answers, with the request's path and body on the way", async () => {
    const backend = await serve();
    const recorder = await post(agentWith(), backend.origin, "/a?b=c").ended;
    expect(recorder.calls).toEqual(["start", "headers", "end"]);
    expect(recorder).toMatchObject({ status: 200, text: "answer to /a?b=c" });
  });

  it("opens one connection first, then a bounded number at once, for 1,000 requests", async () => {
    const backend = await serve();
    const lookups: (() => void)[] = [];
    const lookup: LookupFunction = (_host, { all }, callback) => {
      const address = "127.0.0.1";
      lookups.push(() =>
        all === true ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4),
      );
    };
    const agent = agentWith({ maxConnecting: 8, connect: { ca: cert, lookup } });
    const recorders = posts(agent, backend.origin.replace("127.0.0.1", "localhost"), 1_000);
    await turn();
    expect(lookups).toHaveLength(1);
    lookups.shift()?.();
    // Over HTTP/2 the first connection may answer all before another one is needed.
    await until(() => lookups.length === 8 || recorders.every(({ status }) => status === 200));
    for (let n = 0; n < 20; n++) await turn();
    expect(lookups.length).toBeLessThanOrEqual(8);
    const connecting = setInterval(() => lookups.shift()?.(), 1);
    cleanups.push(() => clearInterval(connecting));
    await allEnded(recorders);
    expect(recorders.every(({ status }) => status === 200)).toBe(true);
    expect(backend.paths.toSorted()).toEqual(recorders.map((_, index) => `/${index}`).toSorted());
  });

  it("reuses connections", async () => {
    const backend = await serve();
    const agent = agentWith();
    for (let round = 0; round < 20; round++) await post(agent, backend.origin).ended;
    expect(backend.connections).toBe(1);
  });

  it("keeps as many in flight as asked, and opens no connection too many for a loop of requests", async () => {
    const backend = await serve();
    const agent = agentWith();
    let left = 400;
    const failures: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const next = (): void => {
      if (left-- <= 0) {
        if (left === -8) resolve();
        return;
      }
      const recorder = post(agent, backend.origin, "/", next);
      void recorder.ended.then(({ error }) => error && failures.push(error));
    };
    for (let n = 0; n < 8; n++) next();
    await promise;
    expect(failures).toEqual([]);
    expect(backend.connections).toBeLessThanOrEqual(name === "http2" ? 1 : 8);
  });

  it("sends in the order of dispatch", async () => {
    const backend = await serve();
    const agent = agentWith({ maxConnections: 1, maxH2Connections: 1 });
    await allEnded(posts(agent, backend.origin, 50));
    expect(backend.paths).toEqual(Array.from({ length: 50 }, (_, index) => `/${index}`));
  });

  it("reports a server that is away to all that wait, once each, with one attempt", async () => {
    const backend = await serve();
    await backend.stop();
    const recorders = posts(agentWith(), backend.origin, 500);
    await allEnded(recorders);
    for (const { calls, error } of recorders) {
      expect(calls).toEqual(["start", "error"]);
      expect(error?.code).toBe("ECONNREFUSED");
    }
  });

  it("recovers when the server comes back", async () => {
    const backend = await serve();
    const agent = agentWith();
    await post(agent, backend.origin).ended;
    const { port } = backend.server.address() as AddressInfo;
    await backend.stop();
    await until(() => backend.sockets.size === 0);
    expect((await post(agent, backend.origin).ended).error).toBeDefined();
    backend.server.listen(port, "127.0.0.1");
    await once(backend.server, "listening");
    expect((await post(agent, backend.origin).ended).status).toBe(200);
  });

  it("sends a request only once, even if the connection ends before the answer", async () => {
    const backend: Backend = await serve(() => {
      for (const socket of backend.sockets) socket.destroy();
    });
    const agent = agentWith();
    for (let n = 1; n <= 3; n++) {
      const { calls } = await post(agent, backend.origin).ended;
      expect(calls).toEqual(["start", "error"]);
      expect(backend.paths).toHaveLength(n);
    }
  });

  it("takes another connection when the server has closed the idle one", async () => {
    const backend = await serve();
    const agent = agentWith();
    for (let n = 0; n < 10; n++) {
      expect((await post(agent, backend.origin).ended).status).toBe(200);
      for (const socket of backend.sockets) socket.destroy();
      await until(() => backend.sockets.size === 0);
      await turn();
    }
    expect(backend.paths).toHaveLength(10);
  });

  it("reports an answer that breaks off, once", async () => {
    const backend: Backend = await serve((_path, _respond, raw) => {
      raw.writeHead(200, { "content-length": "100" });
      raw.write("half");
    });
    const recorder = new Recorder();
    recorder.onData = () => {
      for (const socket of backend.sockets) socket.destroy();
    };
    agentWith().dispatch({ origin: backend.origin, path: "/", method: "POST", body: "x" }, recorder);
    await recorder.ended;
    await turn();
    expect(recorder.calls).toEqual(["start", "headers", "error"]);
    expect(recorder.text).toBe("half");
  });

  it("aborts a request that waits for room, and forgets it", async () => {
    const { respond, release } = gate();
    const backend = await serve(respond);
    const agent = agentWith({ maxConnections: 1, maxH2Connections: 1, maxConcurrentStreams: 1 });
    const first = post(agent, backend.origin, "/first");
    const waiting = posts(agent, backend.origin, 100);
    await until(() => backend.inFlight === 1);
    const reason = new Error("enough");
    for (const { controller } of waiting) controller?.abort(reason);
    await allEnded(waiting);
    expect(waiting.every(({ error, calls }) => error === reason && calls.length === 2)).toBe(true);
    release();
    expect((await first.ended).status).toBe(200);
    await agent.close();
    expect(backend.paths).toEqual(["/first"]);
  });

  it("aborts a request in flight, and the others go on", async () => {
    const { respond, release } = gate();
    const backend = await serve(respond);
    const agent = agentWith();
    const recorders = posts(agent, backend.origin, 10);
    await until(() => backend.inFlight === 10);
    const reason = new Error("enough");
    recorders[4]?.controller?.abort(reason);
    recorders[4]?.controller?.abort(new Error("again"));
    await until(() => backend.inFlight === 9);
    release();
    await allEnded(recorders);
    expect(recorders.map(({ status }) => status)).toEqual([200, 200, 200, 200, 0, 200, 200, 200, 200, 200]);
    expect(recorders[4]?.error).toBe(reason);
    expect(recorders[4]?.calls).toEqual(["start", "error"]);
  });

  it("aborts an answer that is half read", async () => {
    const backend = await serve((_path, _respond, raw) => void raw.writeHead(200).write("half"));
    const agent = agentWith();
    const recorder = new Recorder();
    const reason = new Error("enough");
    recorder.onData = () => recorder.controller?.abort(reason);
    agent.dispatch({ origin: backend.origin, path: "/", method: "POST", body: "x" }, recorder);
    await recorder.ended;
    expect(recorder.error).toBe(reason);
    await until(() => backend.inFlight === 0);
  });

  it("pauses and resumes an answer", async () => {
    const backend = await serve((_path, _respond, raw) => {
      raw.writeHead(200).write("first ");
      setTimeout(() => raw.end("second"), 20);
    });
    const recorder = new Recorder();
    recorder.onData = () => {
      recorder.controller?.pause();
      setTimeout(() => recorder.controller?.resume(), 40);
    };
    agentWith().dispatch({ origin: backend.origin, path: "/", method: "POST", body: "x" }, recorder);
    await recorder.ended;
    expect(recorder.text).toBe("first second");
  });

  it("closes when everything has been answered, and takes nothing more", async () => {
    const { respond, release } = gate();
    const backend = await serve(respond);
    const agent = agentWith({ maxConnections: 4 });
    const recorders = posts(agent, backend.origin, 10);
    await until(() => backend.inFlight > 0);
    const closed = agent.close();
    const late = await post(agent, backend.origin, "/late").ended;
    expect(late.error).toBeInstanceOf(errors.ClientClosedError);
    release();
    await closed;
    expect(recorders.every(({ status }) => status === 200)).toBe(true);
    await until(() => backend.sockets.size === 0);
  });

  it("destroys whatever there is, each request hearing of it once", async () => {
    const backend = await serve(() => undefined);
    const agent = agentWith({ maxConnections: 4, maxH2Connections: 1, maxConcurrentStreams: 4 });
    const recorders = posts(agent, backend.origin, 10);
    await until(() => backend.inFlight === 4);
    const reason = new Error("over");
    await agent.destroy(reason);
    expect(recorders.every(({ error, calls }) => error === reason && calls.length === 2)).toBe(true);
    await until(() => backend.sockets.size === 0);
    expect((await post(agent, backend.origin).ended).error).toBeInstanceOf(errors.ClientDestroyedError);
  });

  it("refuses a request that cannot be sent, and goes on", async () => {
    const backend = await serve();
    const agent = agentWith({ maxConnections: 1, maxH2Connections: 1 });
    const bad = new Recorder();
    agent.dispatch({ origin: backend.origin, path: "no slash", method: "POST" }, bad);
    const good = posts(agent, backend.origin, 5);
    await allEnded([bad, ...good]);
    expect(bad.calls).toEqual(["start", "error"]);
    expect(bad.error).toBeInstanceOf(errors.InvalidArgumentError);
    expect(good.every(({ status }) => status === 200)).toBe(true);
    expect(backend.connections).toBe(1);
  });
});
