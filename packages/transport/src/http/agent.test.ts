import { spawn } from "node:child_process";
import { once } from "node:events";
import type { LookupFunction } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { errors } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { gate, plain, tls, type Backend } from "../../fixtures/backend.ts";
import { allEnded, post, posts, Recorder, testAgent, until } from "../../fixtures/recorder.ts";

const protocols = { plain, tls };

/** Imports of the workspace's packages lead to their sources. */
const SOURCES = "--conditions=@parallel-parrot/source";

/** A linear congruential generator: the same numbers for the same seed. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

describe.each(Object.entries(protocols))("createAgent over %s", (_name, serve) => {
  it("the HTTP agent sends the path and the body of a request, and gives its answer back", async () => {
    const backend = await serve();
    const recorder = await post(testAgent(), backend.origin, "/a?b=c").ended;
    expect(recorder.calls).toEqual(["start", "headers", "end"]);
    expect(recorder).toMatchObject({ status: 200, text: "answer to /a?b=c" });
  });

  it("the HTTP agent opens one connection first for 1,000 requests, then a bounded number at once", async () => {
    const backend = await serve();
    const lookups: (() => void)[] = [];
    const lookup: LookupFunction = (_host, { all }, callback) => {
      const address = "127.0.0.1";
      lookups.push(() =>
        all === true ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4),
      );
    };
    const agent = testAgent({ maxConnecting: 8, connect: { lookup } });
    const recorders = posts(agent, backend.origin.replace("127.0.0.1", "localhost"), 1_000);
    await turn();
    expect(lookups).toHaveLength(1);
    lookups.shift()?.();
    await until(() => lookups.length === 8);
    for (let n = 0; n < 20; n++) await turn();
    expect(lookups.length).toBeLessThanOrEqual(8);
    const connecting = setInterval(() => lookups.shift()?.(), 1);
    onTestFinished(() => clearInterval(connecting));
    await allEnded(recorders);
    expect(recorders.every(({ status }) => status === 200)).toBe(true);
    expect(backend.paths.toSorted()).toEqual(recorders.map((_, index) => `/${index}`).toSorted());
  });

  it("reuses connections", async () => {
    const backend = await serve();
    const agent = testAgent();
    for (let round = 0; round < 20; round++) await post(agent, backend.origin).ended;
    expect(backend.connections).toBe(1);
  });

  it("the HTTP agent opens no needless connection for requests that follow each other", async () => {
    const backend = await serve();
    const agent = testAgent();
    const chain = async (): Promise<void> => {
      for (let n = 0; n < 50; n++) expect((await post(agent, backend.origin).ended).status).toBe(200);
    };
    await Promise.all(Array.from({ length: 8 }, chain));
    expect(backend.paths).toHaveLength(400);
    expect(backend.connections).toBeLessThanOrEqual(8);
  });

  it("the HTTP agent sends requests in the order of their dispatch", async () => {
    const backend = await serve();
    const agent = testAgent({ maxConnections: 1 });
    await allEnded(posts(agent, backend.origin, 50));
    expect(backend.paths).toEqual(Array.from({ length: 50 }, (_, index) => `/${index}`));
  });

  it("the HTTP agent tells each waiting request once that the server is away, after one attempt to connect", async () => {
    const backend = await serve();
    const { origin } = backend;
    await backend.stop();
    const recorders = posts(testAgent(), origin, 500);
    await allEnded(recorders);
    for (const { calls, error } of recorders) {
      expect(calls).toEqual(["start", "error"]);
      expect(error?.code).toBe("ECONNREFUSED");
    }
  });

  it("the HTTP agent connects again when the server comes back", async () => {
    const backend = await serve();
    const agent = testAgent();
    await post(agent, backend.origin).ended;
    const { port, origin } = backend;
    await backend.stop();
    await until(() => backend.sockets.size === 0);
    expect((await post(agent, origin).ended).error).toBeDefined();
    await backend.listen(port);
    expect((await post(agent, backend.origin).ended).status).toBe(200);
  });

  it("the HTTP agent never sends a request twice, even if the connection ends before the answer", async () => {
    const backend: Backend = await serve(() => backend.cut());
    const agent = testAgent();
    for (let n = 1; n <= 3; n++) {
      const { calls } = await post(agent, backend.origin).ended;
      expect(calls).toEqual(["start", "error"]);
      expect(backend.paths).toHaveLength(n);
    }
  });

  it("the HTTP agent uses another connection when the server has closed the idle one", async () => {
    const backend = await serve();
    const agent = testAgent();
    for (let n = 0; n < 10; n++) {
      expect((await post(agent, backend.origin).ended).status).toBe(200);
      backend.cut();
      await until(() => backend.sockets.size === 0);
      await turn();
    }
    expect(backend.paths).toHaveLength(10);
  });

  it("the HTTP agent reports an answer that breaks off exactly once", async () => {
    const backend: Backend = await serve((_path, _respond, raw) => {
      raw.writeHead(200, { "content-length": "100" });
      raw.write("half");
    });
    const recorder = new Recorder();
    recorder.onData = () => backend.cut();
    await post(testAgent(), backend.origin, "/", recorder).ended;
    await turn();
    expect(recorder.calls).toEqual(["start", "headers", "error"]);
    expect(recorder.text).toBe("half");
  });

  it("aborts a request that waits for a connection, and forgets it", async () => {
    const { respond, release } = gate();
    const backend = await serve(respond);
    const agent = testAgent({ maxConnections: 1 });
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

  it("aborts a request in flight while the others go on", async () => {
    const { respond, release } = gate();
    const backend = await serve(respond);
    const agent = testAgent();
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
    const agent = testAgent();
    const recorder = new Recorder();
    const reason = new Error("enough");
    recorder.onData = () => recorder.controller?.abort(reason);
    await post(agent, backend.origin, "/", recorder).ended;
    expect(recorder.error).toBe(reason);
    await until(() => backend.inFlight === 0);
  });

  it("the HTTP agent pauses and resumes an answer", async () => {
    const backend = await serve((_path, _respond, raw) => {
      raw.writeHead(200).write("first ");
      setTimeout(() => raw.end("second"), 20);
    });
    const recorder = new Recorder();
    recorder.onData = () => {
      recorder.controller?.pause();
      setTimeout(() => recorder.controller?.resume(), 40);
    };
    await post(testAgent(), backend.origin, "/", recorder).ended;
    expect(recorder.text).toBe("first second");
  });

  it.each([1, 2, 3])(
    "the HTTP agent ends each request once and sends none twice, whatever happens to its connection (seed %d)",
    async (seed) => {
      const random = lcg(seed);
      const backend: Backend = await serve((_path, respond) => {
        if (random() < 0.02) backend.cut();
        else if (random() < 0.5) respond();
        else setTimeout(respond, random() * 20);
      });
      const agent = testAgent({ maxConnections: 20 });
      const recorders: Recorder[] = [];
      for (let n = 0; n < 1_000; n++) {
        const recorder = post(agent, backend.origin, `/${n}`);
        recorders.push(recorder);
        if (random() < 0.2) setTimeout(() => recorder.controller?.abort(new Error("enough")), random() * 50);
        if (random() < 0.05) await turn();
      }
      await allEnded(recorders);
      await agent.close();
      await until(() => backend.sockets.size === 0);
      for (const { calls } of recorders) {
        expect(calls.filter((call) => call === "end" || call === "error")).toHaveLength(1);
      }
      expect(recorders.filter(({ status }) => status === 200).length).toBeGreaterThan(100);
      expect(new Set(backend.paths).size).toBe(backend.paths.length);
    },
  );

  it("the HTTP agent closes the agent once everything is answered, and takes no more requests", async () => {
    const { respond, release } = gate();
    const backend = await serve(respond);
    const agent = testAgent({ maxConnections: 4 });
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

  it("destroys the agent's connections, and tells each request once", async () => {
    const backend = await serve(() => undefined);
    const agent = testAgent({ maxConnections: 4 });
    const recorders = posts(agent, backend.origin, 10);
    await until(() => backend.inFlight === 4);
    const reason = new Error("over");
    await agent.destroy(reason);
    expect(recorders.every(({ error, calls }) => error === reason && calls.length === 2)).toBe(true);
    await until(() => backend.sockets.size === 0);
    expect((await post(agent, backend.origin).ended).error).toBeInstanceOf(errors.ClientDestroyedError);
  });

  it("the HTTP agent lets surplus connections time out and keeps the one in use", async () => {
    const { respond, release } = gate();
    const backend = await serve(respond);
    const agent = testAgent({ keepAliveTimeoutMs: 100 });
    const recorders = posts(agent, backend.origin, 5);
    await until(() => backend.inFlight === 5);
    expect(backend.sockets.size).toBe(5);
    release();
    await allEnded(recorders);
    while (backend.sockets.size > 1) {
      expect((await post(agent, backend.origin).ended).status).toBe(200);
      await turn();
    }
    expect((await post(agent, backend.origin).ended).status).toBe(200);
    expect(backend.connections).toBe(5);
  });

  it("the HTTP agent does not keep a process alive that has nothing more to do", async () => {
    const backend = await serve();
    const script = fileURLToPath(new URL("../../fixtures/ask-and-end.ts", import.meta.url));
    const child = spawn(process.execPath, [SOURCES, script, backend.origin, "20"], { stdio: "inherit" });
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(backend.paths).toHaveLength(20);
  });

  it("the HTTP agent refuses a request that cannot be sent, and goes on with others", async () => {
    const backend = await serve();
    const agent = testAgent({ maxConnections: 1 });
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
