import { describe, expect, it } from "vitest";
import { gate, http2, type Backend } from "../fixtures/backend.ts";
import { allEnded, post, posts, testAgent, until } from "../fixtures/recorder.ts";

describe("createAgent with HTTP/2", () => {
  it("never has more streams than the server allows, and opens as many connections as that takes", async () => {
    const { respond, release } = gate();
    const backend = await http2(respond, { maxConcurrentStreams: 7 });
    const recorders = posts(testAgent(), backend.origin, 70);
    await until(() => backend.inFlight === 70);
    expect(backend.maxStreams).toBe(7);
    expect(backend.connections).toBe(10);
    release();
    await allEnded(recorders);
    expect(recorders.every(({ status }) => status === 200)).toBe(true);
  });

  it("opens a connection per request to a server that allows one stream", async () => {
    const { respond, release } = gate();
    const backend = await http2(respond, { maxConcurrentStreams: 1 });
    const recorders = posts(testAgent(), backend.origin, 5);
    await until(() => backend.inFlight === 5);
    expect(backend.maxStreams).toBe(1);
    expect(backend.connections).toBe(5);
    release();
    await allEnded(recorders);
  });

  it("fills the connections that there are before it opens another one", async () => {
    const { respond, release } = gate();
    const backend = await http2(respond, { maxConcurrentStreams: 10 });
    const agent = testAgent();
    const recorders = posts(agent, backend.origin, 10);
    await until(() => backend.inFlight === 10);
    expect(backend.connections).toBe(1);
    recorders.push(post(agent, backend.origin, "/10"));
    await until(() => backend.inFlight === 11);
    expect(backend.connections).toBe(2);
    release();
    await allEnded(recorders);
  });

  it("has at most so many connections; the rest waits", async () => {
    const { respond, release } = gate();
    const backend = await http2(respond, { maxConcurrentStreams: 5 });
    const recorders = posts(testAgent({ maxH2Connections: 2 }), backend.origin, 100);
    await until(() => backend.inFlight === 10);
    release();
    await allEnded(recorders);
    expect(backend.connections).toBe(2);
    expect(backend.maxStreams).toBe(5);
    expect(recorders.every(({ status }) => status === 200)).toBe(true);
  });

  it("holds 10,000 requests in flight", async () => {
    const { respond, release } = gate();
    const backend = await http2(respond, { maxConcurrentStreams: 100 });
    const recorders = posts(testAgent(), backend.origin, 10_000);
    await until(() => backend.inFlight === 10_000);
    expect(backend.connections).toBe(100);
    release();
    await allEnded(recorders);
    expect(
      recorders.every(({ status, text }, index) => status === 200 && text === `answer to /${index}`),
    ).toBe(true);
  });

  it("speaks HTTP/1.1 to a server that has both when HTTP/2 is not allowed", async () => {
    const { respond, release } = gate();
    const backend = await http2(respond, { allowHTTP1: true });
    const recorders = posts(testAgent({ allowH2: false }), backend.origin, 5);
    await until(() => backend.inFlight === 5);
    expect(backend.connections).toBe(5);
    expect(backend.sessions.size).toBe(0);
    release();
    await allEnded(recorders);
  });

  it("speaks HTTP/2 to a server that has both", async () => {
    const backend = await http2(undefined, { allowHTTP1: true });
    expect((await post(testAgent(), backend.origin).ended).status).toBe(200);
    expect(backend.sessions.size).toBe(1);
  });

  it("lets requests end on a connection that the server retires, and sends the next ones on another", async () => {
    const { respond, release } = gate();
    const backend = await http2(respond);
    const agent = testAgent();
    const before = posts(agent, backend.origin, 20);
    await until(() => backend.inFlight === 20);
    for (const session of backend.sessions) session.close();
    await until(() => backend.connections === 1);
    const after = posts(agent, backend.origin, 20);
    await until(() => backend.inFlight === 40);
    expect(backend.connections).toBe(2);
    release();
    await allEnded([...before, ...after]);
    expect([...before, ...after].every(({ status }) => status === 200)).toBe(true);
    expect(backend.paths).toHaveLength(40);
    await until(() => backend.sockets.size === 1);
  });

  it("aborts a request on a connection that the server retires", async () => {
    const backend = await http2(() => undefined);
    const agent = testAgent();
    const recorders = posts(agent, backend.origin, 2);
    await until(() => backend.inFlight === 2);
    for (const session of backend.sessions) session.close();
    // The next request shows that the agent knows.
    const next = post(agent, backend.origin, "/next");
    await until(() => backend.inFlight === 3);
    const reason = new Error("enough");
    for (const { controller } of [...recorders, next]) controller?.abort(reason);
    await allEnded([...recorders, next]);
    expect(recorders.every(({ error, calls }) => error === reason && calls.length === 2)).toBe(true);
    await until(() => backend.inFlight === 0);
  });

  it("sends a request again, once, that the server says it has not processed", async () => {
    const backend: Backend = await http2((path, respond) => {
      const again = backend.paths.filter((each) => each === path).length > 1;
      if (path === "/refused" || (path === "/once" && !again)) {
        // Only the first request of the connection has been processed.
        for (const session of backend.sessions) if (!session.closed) session.goaway(0, 1);
      } else if (path !== "/before" || again) {
        respond();
      }
    });
    const agent = testAgent({ maxH2Connections: 1 });
    await post(agent, backend.origin, "/first").ended;
    const once = await post(agent, backend.origin, "/once").ended;
    expect(once.calls).toEqual(["start", "headers", "end"]);
    expect(backend.paths).toEqual(["/first", "/once", "/once"]);
    const before = post(agent, backend.origin, "/before");
    const refused = post(agent, backend.origin, "/refused");
    await allEnded([before, refused]);
    expect(before.calls).toEqual(["start", "headers", "end"]);
    expect(refused.calls).toEqual(["start", "error"]);
    expect(refused.error?.message).toContain("GOAWAY");
    expect(backend.paths.slice(3)).toEqual(["/before", "/refused", "/before", "/refused"]);
  });

  it("reports streams that end with their connection, once each, and does not repeat them", async () => {
    const backend = await http2(() => undefined);
    const recorders = posts(testAgent(), backend.origin, 30);
    await until(() => backend.inFlight === 30);
    backend.cut();
    await allEnded(recorders);
    for (const { calls } of recorders) expect(calls).toEqual(["start", "error"]);
    expect(backend.paths).toHaveLength(30);
  });
});
