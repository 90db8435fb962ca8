import { createServer, type LookupFunction, type Socket } from "node:net";
import { openai } from "@parallel-parrot/providers";
import { startSimulator } from "@parallel-parrot/simulator";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Backend, plain, tls } from "../../../fixtures/backend.ts";
import { prompts } from "../../../fixtures/prompts.ts";
import { TestProxy, type TestProxyOptions } from "../../../fixtures/proxy.ts";
import { allEnded, post, posts, testAgent } from "../../../fixtures/recorder.ts";
import { completionStream } from "../../completion-stream.ts";
import type { AgentOptions } from "../agent-options.ts";
import { type HttpError, toHttpError } from "../http-error.ts";

async function proxyTo({ port }: Backend, options: Omit<TestProxyOptions, "port"> = {}): Promise<TestProxy> {
  const proxy = await new TestProxy({ ...options, port }).listen();
  onTestFinished(() => proxy.close());
  return proxy;
}

/** An agent whose servers have the name of the test certificate, whatever they are called. */
function agentThrough(proxy: TestProxy, { at = "", ...options }: AgentOptions & { at?: string } = {}) {
  const connect = { servername: "localhost", ...options.connect };
  return testAgent({ proxy: `http://${at}127.0.0.1:${proxy.port}`, ...options, connect });
}

const errorOf = (error: unknown): HttpError => toHttpError(error, "llm.example.test") as HttpError;

describe("createAgent with a proxy", () => {
  it.each([{}, { drips: true }, { credentials: "me:p@ss" }])(
    "the agent asks https: servers through a proxy's tunnel, and keeps it for further requests: %j",
    async (options) => {
      const backend = await tls();
      const proxy = await proxyTo(backend, options);
      const agent = agentThrough(proxy, { at: "credentials" in options ? "me:p%40ss@" : "" });
      for (let n = 0; n < 3; n++) {
        const recorder = await post(agent, "https://llm.example.test", "/v1").ended;
        expect(recorder).toMatchObject({ status: 200, text: "answer to /v1", error: undefined });
      }
      expect(proxy.asked).toEqual(["CONNECT llm.example.test:443"]);
    },
  );

  it("the agent asks http: servers through a proxy by the whole address, with its credentials in each request", async () => {
    const backend = await plain();
    const proxy = await proxyTo(backend, { credentials: "me:secret" });
    const agent = agentThrough(proxy, { at: "me:secret@" });
    const recorder = await post(agent, "http://llm.example.test:8000", "/v1?a=b").ended;
    expect(recorder).toMatchObject({ status: 200, text: "answer to /v1?a=b" });
    expect(proxy.asked).toEqual(["POST http://llm.example.test:8000/v1?a=b"]);
  });

  it("a proxy is spoken to over TLS where its address says so", async () => {
    const backend = await tls();
    const proxy = await proxyTo(backend, { isSecure: true });
    const agent = agentThrough(proxy, { proxy: `https://localhost:${proxy.port}` });
    expect(await post(agent, "https://llm.example.test").ended).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual(["CONNECT llm.example.test:443"]);
  });

  it("the agent opens many tunnels through a proxy for many requests", async () => {
    const backend = await tls();
    const proxy = await proxyTo(backend);
    const recorders = posts(agentThrough(proxy), "https://llm.example.test", 200);
    await allEnded(recorders);
    expect(recorders.every(({ status }) => status === 200)).toBe(true);
    expect(backend.paths).toHaveLength(200);
  });

  it("the agent leaves the proxy out for this machine", async () => {
    const backend = await plain();
    const proxy = await proxyTo(backend);
    expect(await post(agentThrough(proxy), backend.origin).ended).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    [407, "", "PROXY", /wants a user name and password/],
    [407, "me:SECRET@", "PROXY", /refuses the user name and password/],
    [403, "", "PROXY", /does not connect to llm\.example\.test: HTTP 403/],
    [502, "", "NETWORK", /does not connect to llm\.example\.test: HTTP 502/],
  ])(
    "the agent tells that the proxy refuses with %i, and never its credentials",
    async (refuses, at, kind, words) => {
      const proxy = await proxyTo(await tls(), { refuses });
      const { error } = await post(agentThrough(proxy, { at }), "https://llm.example.test").ended;
      expect(errorOf(error)).toMatchObject({
        kind,
        wasSent: false,
        message: expect.stringMatching(words) as string,
      });
      expect(errorOf(error).message).toContain(`127.0.0.1:${proxy.port} (proxy)`);
      expect(errorOf(error).message).not.toContain("SECRET");
    },
  );

  it.each([
    ["closes the connection", (socket: Socket) => socket.end(), /closed the connection/],
    ["speaks something else", (socket: Socket) => socket.end("SSH-2.0-x\r\n\r\n"), /is not HTTP/],
  ])("the agent tells that the proxy %s", async (_what, answer, words) => {
    const server = createServer((socket) =>
      socket.on("error", () => undefined).once("data", () => answer(socket)),
    );
    const backend = await new Backend(server, "http").listen();
    const agent = testAgent({ proxy: backend.origin });
    const { error } = await post(agent, "https://llm.example.test").ended;
    expect(errorOf(error).message).toMatch(words);
  });

  it("the agent gives up a proxy that never answers, in the time for connecting", async () => {
    const server = createServer((socket) => void socket.on("error", () => undefined).resume());
    const backend = await new Backend(server, "http").listen();
    const agent = testAgent({ proxy: backend.origin, connectTimeoutMs: 100 });
    const { error } = await post(agent, "https://llm.example.test").ended;
    expect(errorOf(error)).toMatchObject({ kind: "NETWORK", wasSent: false });
  });

  it("the agent tells that the proxy itself is not there, by its name and not by that of the server", async () => {
    const agent = testAgent({ proxy: "http://me:SECRET@127.0.0.1:9" });
    const { error } = await post(agent, "https://llm.example.test").ended;
    expect(errorOf(error)).toMatchObject({
      kind: "NETWORK",
      wasSent: false,
      message:
        "Connection to llm.example.test failed: the proxy 127.0.0.1:9 (proxy) cannot be reached, ECONNREFUSED",
    });
  });

  it("the agent tells NODE_EXTRA_CA_CERTS where nobody known has signed the certificate behind a proxy", async () => {
    const proxy = await proxyTo(await tls());
    const agent = agentThrough(proxy, { connect: { ca: [] } });
    const { error } = await post(agent, "https://llm.example.test").ended;
    expect(errorOf(error)).toMatchObject({
      kind: "TLS",
      message: expect.stringMatching(/SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/) as string,
    });
  });

  it("the agent tells that a server behind a proxy does not speak TLS, or has a certificate for another name", async () => {
    const spoken = agentThrough(await proxyTo(await plain()));
    expect(errorOf((await post(spoken, "https://llm.example.test").ended).error)).toMatchObject({
      kind: "TLS",
      message: expect.stringMatching(/its address may begin with http:$/) as string,
    });
    const named = agentThrough(await proxyTo(await tls()), { connect: { servername: "other.test" } });
    expect(errorOf((await post(named, "https://llm.example.test").ended).error)).toMatchObject({
      kind: "TLS",
      message: expect.stringMatching(
        /ERR_TLS_CERT_ALTNAME_INVALID\. The server's certificate is for another name/,
      ) as string,
    });
  });

  it("the agent tells at the first request that it cannot use a proxy", async () => {
    const agent = testAgent({ proxy: "socks5://127.0.0.1:9" });
    const { error } = await post(agent, "https://llm.example.test").ended;
    expect(errorOf(error)).toMatchObject({
      kind: "INVALID_REQUEST",
      message: expect.stringContaining("socks5") as string,
    });
  });
});

describe("createAgent with a proxy in the environment", () => {
  afterEach(() => void vi.unstubAllEnvs());

  /** Says that no host exists. */
  const lookup: LookupFunction = (_host, _options, callback) =>
    callback(Object.assign(new Error("not found"), { code: "ENOTFOUND" }), "", 4);

  it("a run goes through the proxy in the environment, and needs no option for it", async () => {
    const simulator = await startSimulator();
    onTestFinished(() => simulator.close());
    const proxy = await new TestProxy({ port: Number(new URL(simulator.baseUrl).port) }).listen();
    onTestFinished(() => proxy.close());
    vi.stubEnv("http_proxy", "");
    vi.stubEnv("no_proxy", "");
    vi.stubEnv("NO_PROXY", "");
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${proxy.port}`);
    const baseUrl = "http://llm.example.test/v1";
    const provider = openai({ model: "sim", apiKey: simulator.apiKey, baseUrl });
    const rows = await Array.fromAsync(
      ReadableStream.from(prompts(3)).pipeThrough(completionStream(provider)),
    );
    expect(rows.map((row) => "completion" in row)).toEqual([true, true, true]);
    expect(proxy.asked).toEqual(Array.from({ length: 3 }, () => `POST ${baseUrl}/chat/completions`));
  });

  it("a run tells that NO_PROXY excepts a host that is not found", async () => {
    vi.stubEnv("https_proxy", "");
    vi.stubEnv("no_proxy", "");
    vi.stubEnv("HTTPS_PROXY", "http://me:SECRET@127.0.0.1:9");
    vi.stubEnv("NO_PROXY", ".example.test");
    const { error } = await post(testAgent({ connect: { lookup } }), "https://llm.example.test").ended;
    expect(errorOf(error)).toMatchObject({
      kind: "NETWORK",
      wasSent: false,
      message:
        "Connection to llm.example.test failed: ENOTFOUND. HTTPS_PROXY is set, but NO_PROXY excepts llm.example.test",
    });
  });
});
