import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type LookupFunction } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { Backend, both, cert, gate, plain, tls } from "../../fixtures/backend.ts";
import { allEnded, post, posts, Recorder, testAgent, until } from "../../fixtures/recorder.ts";
import { createAgent } from "./agent.ts";

/** Accepts connections and says nothing: a TLS handshake with it never ends. */
async function silent(): Promise<Backend> {
  return await new Backend(
    createServer((socket) => void socket.resume()),
    "https",
  ).listen();
}

function failingLookup(code: string): LookupFunction {
  return (host, _options, callback) => {
    callback(Object.assign(new Error(`lookup ${code} ${host}`), { code }), "", 4);
  };
}

/** Resolves to the loopback, each time when it is told to. */
function heldLookup(): { readonly lookup: LookupFunction; readonly held: (() => void)[] } {
  const held: (() => void)[] = [];
  const address = "127.0.0.1";
  return {
    held,
    lookup: (_host, { all }, callback) => {
      held.push(() => (all === true ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4)));
    },
  };
}

function localhost({ origin }: Backend): string {
  return origin.replace("127.0.0.1", "localhost");
}

function handles(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.includes("TCP") || kind === "Timeout").length;
}

/** Imports of the workspace's packages lead to their sources. */
const SOURCES = "--conditions=@parallel-parrot/source";

describe("createAgent when connecting", () => {
  it("the HTTP agent reports a certificate that it does not trust", async () => {
    const backend = await tls();
    const agent = createAgent();
    onTestFinished(() => agent.destroy());
    const recorders = posts(agent, backend.origin, 50);
    await allEnded(recorders);
    for (const { calls, error } of recorders) {
      expect(calls).toEqual(["start", "error"]);
      expect(error?.code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    }
    expect(backend.paths).toEqual([]);
    expect(backend.connections).toBe(1);
  });

  it("the HTTP agent reports a certificate for another name", async () => {
    const backend = await tls();
    const { lookup, held } = heldLookup();
    const recorder = post(
      testAgent({ connect: { ca: cert, lookup } }),
      backend.origin.replace("127.0.0.1", "example.test"),
    );
    await until(() => held.length === 1);
    held[0]?.();
    expect((await recorder.ended).error?.code).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("the HTTP agent reports a name that does not resolve", async () => {
    const recorders = posts(
      testAgent({ connect: { lookup: failingLookup("ENOTFOUND") } }),
      "https://example.test",
      50,
    );
    await allEnded(recorders);
    expect(recorders.every(({ error, calls }) => error?.code === "ENOTFOUND" && calls.length === 2)).toBe(
      true,
    );
  });

  it("the HTTP agent gives up on a server that does not finish the TLS handshake, for all waiting requests at once", async () => {
    const backend = await silent();
    const recorders = posts(testAgent({ connectTimeoutMs: 50 }), backend.origin, 500);
    await allEnded(recorders);
    for (const { error } of recorders) expect(error?.code).toBe("UND_ERR_CONNECT_TIMEOUT");
    expect(backend.connections).toBe(1);
    await until(() => backend.sockets.size === 0);
  });

  it("the HTTP agent stops connecting when no request waits any more", async () => {
    const before = handles();
    const backend = await silent();
    const recorders = posts(testAgent(), backend.origin, 5);
    await until(() => backend.sockets.size === 1);
    const reason = new Error("enough");
    for (const { controller } of recorders) controller?.abort(reason);
    await allEnded(recorders);
    expect(recorders.every(({ error, calls }) => error === reason && calls.length === 2)).toBe(true);
    await until(() => backend.sockets.size === 0);
    await backend.stop();
    await until(() => handles() <= before);
  });

  it("the HTTP agent goes on connecting while any request waits", async () => {
    const backend = await tls();
    const { lookup, held } = heldLookup();
    const recorders = posts(testAgent({ connect: { lookup } }), localhost(backend), 5);
    await turn();
    for (const { controller } of recorders.slice(0, 4)) controller?.abort(new Error("enough"));
    held[0]?.();
    await allEnded(recorders);
    expect(backend.paths).toEqual(["/4"]);
  });

  it("the HTTP agent gives a waiting request the first connection that is free, and keeps the new one for the next request", async () => {
    const { respond, release } = gate();
    const backend = await plain(respond);
    const { lookup, held } = heldLookup();
    const agent = testAgent({ connect: { lookup } });
    const first = post(agent, localhost(backend), "/first");
    await until(() => held.length === 1);
    held[0]?.();
    await until(() => backend.inFlight === 1);
    const second = post(agent, localhost(backend), "/second");
    await until(() => held.length === 2);
    release();
    await allEnded([first, second]);
    expect(backend.connections).toBe(1);
    const hold = post(agent, localhost(backend), "/third");
    held[1]?.();
    await hold.ended;
    await until(() => backend.connections <= 2);
    await allEnded(posts(agent, localhost(backend), 2));
    expect(backend.paths).toHaveLength(5);
  });

  it("the HTTP agent fails one request and not all when one of several connections cannot be made", async () => {
    const { respond, release } = gate();
    const backend = await plain(respond);
    const lookups: number[] = [];
    const lookup: LookupFunction = (host, options, callback) => {
      const failing = lookups.push(lookups.length) === 3;
      if (failing) failingLookup("EAI_AGAIN")(host, options, callback);
      else if (options.all === true) callback(null, [{ address: "127.0.0.1", family: 4 }]);
      else callback(null, "127.0.0.1", 4);
    };
    const recorders = posts(testAgent({ connect: { lookup } }), localhost(backend), 20);
    await until(() => backend.inFlight === 19);
    release();
    await allEnded(recorders);
    expect(recorders.filter(({ error }) => error?.code === "EAI_AGAIN")).toHaveLength(1);
    expect(recorders.filter(({ status }) => status === 200)).toHaveLength(19);
  });

  it("the HTTP agent says what to do when the system has no sockets left", async () => {
    const recorder = post(
      testAgent({ connect: { lookup: failingLookup("EMFILE") } }),
      "https://example.test",
    );
    const { error } = await recorder.ended;
    expect(error?.code).toBe("EMFILE");
    expect(error?.message).toBe(
      "Cannot open more than 0 connections to example.test: EMFILE. " +
        "Lower the concurrency or raise the system's limit (ulimit -n)",
    );
  });

  it.skipIf(process.platform === "win32")(
    "the HTTP agent makes do with the sockets that it has when the system's limit is reached",
    async () => {
      const backend = await plain((_path, respond) => void setTimeout(respond, 5));
      const script = fileURLToPath(new URL("../../fixtures/ask-and-end.ts", import.meta.url));
      const command = `ulimit -n 100 && exec "$0" "$@"`;
      const child = spawn("sh", ["-c", command, process.execPath, SOURCES, script, backend.origin, "500"]);
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
      expect(said).toMatch(/\[EMFILE\] ParrotWarning: Cannot open more than \d+ connections to 127\.0\.0\.1/);
      expect(code).toBe(0);
      expect(backend.paths).toHaveLength(500);
    },
  );

  it("the HTTP agent keeps 2,000 sockets open, one for each request in flight", async () => {
    const { respond, release } = gate();
    const backend = await plain(respond);
    const recorders = posts(testAgent(), backend.origin, 2_000);
    await until(() => backend.inFlight === 2_000);
    expect(backend.connections).toBe(2_000);
    release();
    await allEnded(recorders);
    expect(recorders.every(({ status }) => status === 200)).toBe(true);
  });

  it("speaks HTTP/1.1 to a server that offers HTTP/2 as well", async () => {
    const backend = await both();
    const recorders = posts(testAgent(), backend.origin, 20);
    await allEnded(recorders);
    expect(recorders.every(({ status }) => status === 200)).toBe(true);
    expect(backend.sessions).toBe(0);
  });

  it("the HTTP agent keeps the connections of origins apart", async () => {
    const [one, two] = [await plain(), await tls()];
    const agent = testAgent();
    await allEnded([post(agent, one.origin, "/one"), post(agent, two.origin, "/two")]);
    expect([one.paths, two.paths]).toEqual([["/one"], ["/two"]]);
  });

  it.each(["ftp://127.0.0.1", "", "nonsense"])("the HTTP agent refuses the origin %j", async (origin) => {
    const recorder = await post(testAgent(), origin, "/", new Recorder()).ended;
    expect(recorder.error?.code).toBe("UND_ERR_INVALID_ARG");
  });

  it.each([
    ["maxConnections", 0],
    ["maxConnecting", 1.5],
    ["connectTimeoutMs", Number.NaN],
  ])("the HTTP agent refuses the agent's option %s of %d", (option, value) => {
    expect(() => createAgent({ [option]: value })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option }),
    );
  });
});
