import { request, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answeredRow, memoryLabels, rowsSource } from "../../fixtures/rows-source.ts";
import { startUi, type Ui } from "./start-ui.ts";

let ui: Ui;
let port: number;
let token: string;
/** What the page has asked again. */
const askedAgain: unknown[] = [];

beforeAll(async () => {
  const long = "x".repeat(1_000_000);
  ui = await startUi({
    source: {
      ...rowsSource([
        answeredRow(0, { outputs: [[{ output: "<script>alert(1)</script>" }]] }),
        answeredRow(1, { row: { text: long } }),
      ]),
      labels: memoryLabels(),
      askAgain: (_, which) => {
        askedAgain.push(which);
        return Promise.resolve();
      },
    },
  });
  const { port: named, hash } = new URL(ui.url);
  port = Number(named);
  token = hash.slice("#key=".length);
});
afterAll(() => ui.close());

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function get(path: string, headers: Record<string, string> = {}, method = "GET", sent = ""): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on("error", reject);
    asked.end(sent);
  });
}

const key = (): Record<string, string> => ({ authorization: `Bearer ${token}` });
/** A path of the API with the token. */
const ask = (path: string): Promise<Got> => get(path, key());

/** Asks until the rows of the run are read. */
async function untilRead(): Promise<void> {
  await expect
    .poll(async () => JSON.parse((await ask("/api/runs/1/overview")).body).reading.state)
    .toBe("read");
}

describe("the page's server, for whoever is not its user", () => {
  it.each([
    ["another name, as after DNS rebinding", { host: "evil.example" }],
    ["another name with the right port", { host: "evil.example:PORT" }],
    ["the right name with another port", { host: "127.0.0.1:1" }],
    ["the address of all interfaces", { host: "0.0.0.0:PORT" }],
  ])("a request to %s is refused, also with the token, and is told nothing", async (_, { host }) => {
    for (const path of ["/", "/api/runs"]) {
      const { status, body } = await get(path, { ...key(), host: host.replace("PORT", String(port)) });
      expect([status, body]).toEqual([421, '{"error":"This address is served by its own name alone"}']);
    }
  });

  it.each([
    ["another page", { origin: "https://evil.example" }],
    ["a page of another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["a page in a file or a sandbox", { origin: "null" }],
    ["a link, image or script of another page", { "sec-fetch-site": "cross-site" }],
    ["a page of another port, without an origin", { "sec-fetch-site": "same-site" }],
  ])("a request of %s is refused, also with the token", async (_, headers) => {
    for (const path of ["/", "/page.js", "/api/runs"])
      expect((await get(path, { ...key(), ...headers })).status).toBe(403);
  });

  it.each([
    ["no token", {}],
    ["a wrong token", { authorization: "Bearer wrong" }],
    ["a token of the right length", { authorization: `Bearer ${"A".repeat(32)}` }],
    ["the token as a password", { authorization: `Basic ${Buffer.from("a:b").toString("base64")}` }],
    ["the token in a cookie", { cookie: "key=TOKEN" }],
  ])("data is refused with %s", async (_, headers) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace("TOKEN", token)]),
    );
    for (const path of ["/api/runs", "/api/runs/1/rows", "/api/runs/1/row/0", "/api/nothing"])
      expect((await get(path, sent)).status).toBe(401);
    expect((await get(`/api/runs?key=${token}`, sent)).status).toBe(401);
  });

  it.each([
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fpackage.json",
    String.raw`/..\..\package.json`,
    "/page.js/../../../package.json",
    "/page.js%00.css",
    "//etc/passwd",
    "/src/index.ts",
    "/api/runs/1/row/../../../../etc/passwd",
  ])("the path %s leads to no file", async (path) => {
    expect((await get(path)).status).toBe(401);
    expect([404, 400]).toContain((await ask(path)).status);
  });

  it("an address in the place of a path, and a path that cannot be read, are refused", async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, "127.0.0.1", () =>
        socket.write(
          `GET http://evil.example/api/runs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
        ),
      );
      let text = "";
      socket.on("data", (chunk) => (text += String(chunk))).on("end", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])("the method %s changes nothing", async (method) => {
    expect((await get("/api/runs", key(), method)).status).toBe(405);
  });

  it.each([
    ["no token", {}, 401],
    ["another name of the server", { host: "evil.example" }, 421],
    ["another page", { origin: "https://evil.example" }, 403],
    ["a form of a page without an origin", { "sec-fetch-site": "cross-site" }, 403],
    ["the form of a page", { "content-type": "text/plain" }, 415],
  ])("rows are not asked again for a request with %s", async (_, headers, status) => {
    const others = status === 401 ? {} : key();
    const sent = { "content-type": "application/json", ...others, ...headers };
    expect((await get("/api/runs/1/ask-again", sent, "POST", "{}")).status).toBe(status);
    expect(askedAgain).toEqual([]);
  });

  it("rows are asked again for the page itself, by numbers and codes alone, and only by POST", async () => {
    const sent = { "content-type": "application/json", ...key() };
    const post = (value: unknown) => get("/api/runs/1/ask-again", sent, "POST", JSON.stringify(value));
    for (const wrong of [
      { rows: ["--all"] },
      { rows: [0] },
      { codes: ["--model"] },
      { codes: ["A B"] },
      { rows: 3 },
    ])
      expect((await post(wrong)).status).toBe(400);
    expect([(await ask("/api/runs/1/ask-again")).status, askedAgain]).toEqual([404, []]);
    expect((await post({ rows: [2] })).status).toBe(200);
    expect(askedAgain).toEqual([{ rows: [2], codes: [] }]);
  });

  const label = { answer: "0".repeat(32), verdict: "good" };

  it.each([
    ["no token", {}, 401],
    ["another name of the server", { host: "evil.example" }, 421],
    ["another page", { origin: "https://evil.example" }, 403],
    ["a form of a page without an origin", { "sec-fetch-site": "cross-site" }, 403],
  ])("a label is not kept for a request with %s", async (_, headers, status) => {
    const others = status === 401 ? {} : key();
    const json = { "content-type": "application/json" };
    const { status: got } = await get(
      "/api/labels",
      { ...json, ...others, ...headers },
      "POST",
      JSON.stringify(label),
    );
    expect(got).toBe(status);
    await untilRead();
    expect(JSON.parse((await ask("/api/runs/1/labels")).body)).toEqual({ good: 0, bad: 0, noted: 0 });
  });

  it.each([
    ["a form", "application/x-www-form-urlencoded", "answer=1", 415],
    ["plain text, as any page may send it,", "text/plain", JSON.stringify(label), 415],
    ["what is no JSON", "application/json", "{", 400],
    ["a thing that is no label", "application/json", "null", 400],
    ["a path in the place of an answer", "application/json", '{"answer":"../../etc/passwd"}', 400],
    ["a verdict that there is not", "application/json", JSON.stringify({ ...label, verdict: "fine" }), 400],
    ["a note of a megabyte", "application/json", JSON.stringify({ ...label, note: "x".repeat(1e6) }), 413],
    [
      "a note that is too long",
      "application/json",
      JSON.stringify({ ...label, note: "x".repeat(20_000) }),
      400,
    ],
  ])("a label is not kept where %s is sent", async (_, type, sent, status) => {
    const got = await get("/api/labels", { ...key(), "content-type": type }, "POST", sent);
    expect([got.status, Object.keys(JSON.parse(got.body))]).toEqual([status, ["error"]]);
  });

  it("every response keeps scripts, frames and other pages out, and is not kept by the browser", async () => {
    for (const path of ["/", "/page.js", "/page.css", "/api/runs", "/nothing"]) {
      const { headers } = await ask(path);
      expect(headers["content-security-policy"]).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'; /,
      );
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
      });
      expect(headers).not.toHaveProperty("access-control-allow-origin");
    }
  });

  it("the page itself has no token and no data in it", async () => {
    for (const path of ["/", "/page.js", "/page.css"]) {
      const { status, body } = await get(path);
      expect(status).toBe(200);
      expect(body).not.toContain(token);
      expect(body).not.toContain("journal.db");
      expect(body).not.toMatch(/(?:src|href)="?https?:|url\(['"]?https?:|@import/);
    }
  });
});

describe("the page's server, for its user", () => {
  it("an address for a browser's command line gives the key once, to the page itself, and has it not in it", async () => {
    const once = ui.urlForOnce();
    const ticket = JSON.stringify(new URL(once).hash.slice("#once=".length));
    expect(once).not.toContain(token);
    expect((await get("/api/key", { origin: "http://evil.example" }, "POST", ticket)).status).toBe(403);
    const own = { origin: `http://127.0.0.1:${port}`, "content-type": "application/json" };
    const given = await get("/api/key", own, "POST", ticket);
    expect([given.status, JSON.parse(given.body)]).toEqual([200, { key: token }]);
    expect((await get("/api/key", own, "POST", ticket)).status).toBe(401);
    expect((await get("/api/key", own, "POST", JSON.stringify(token))).status).toBe(401);
  });

  it("data is JSON, by both names of this machine and from the page itself", async () => {
    const origin = {
      origin: `http://localhost:${port}`,
      "sec-fetch-site": "same-origin",
      host: `localhost:${port}`,
    };
    const { status, headers, body } = await get("/api/runs", { ...key(), ...origin });
    expect([status, headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
    expect(JSON.parse(body)).toMatchObject({ journal: "journal.db", runs: [{ id: 1, model: "openai/sim" }] });
  });

  it("long texts are cut in lines, and sent to their end only where that is asked for", async () => {
    await untilRead();
    const { rows } = JSON.parse((await ask("/api/runs/1/rows")).body);
    expect(rows[0]).toMatchObject({ number: 1, output: { output: "<script>alert(1)</script>" } });
    expect(rows[1].input.text).toBe(`${"x".repeat(240)}…`);
    const { input } = JSON.parse((await ask("/api/runs/1/row/1")).body);
    expect(input).toEqual([["text", { text: "x".repeat(50_000), cutFrom: 1_000_000 }]]);
    const whole = JSON.parse((await ask("/api/runs/1/row/1?whole=yes")).body);
    expect(whole.input[0][1].text).toHaveLength(1_000_000);
  });

  it("an opened row has its prompt, the responses in the journal and its outputs", async () => {
    await untilRead();
    expect(JSON.parse((await ask("/api/runs/1/row/0")).body)).toMatchObject({
      prompt: [{ role: "user", content: { text: "About text 0" } }],
      attempts: [
        {
          status: 200,
          choices: [{ text: { text: "choice of key 0" } }],
          body: { text: '{"the body of":"key 0"}' },
        },
      ],
      outputs: [[[["output", { text: "<script>alert(1)</script>" }]]]],
    });
  });

  it("an answer that is labelled is shown and found with its label, until that is taken away", async () => {
    await untilRead();
    const note = "<b>\u202Ewrong</b>";
    const { answerId } = JSON.parse((await ask("/api/runs/1/row/1")).body);
    const send = (label: object): Promise<Got> =>
      get(
        "/api/labels",
        { ...key(), "content-type": "application/json" },
        "POST",
        JSON.stringify({ answer: answerId, ...label }),
      );
    expect((await send({ verdict: "bad", note })).status).toBe(200);
    expect(JSON.parse((await ask("/api/runs/1/labels")).body)).toEqual({ good: 0, bad: 1, noted: 1 });
    for (const choice of ["bad", "noted"])
      expect(JSON.parse((await ask(`/api/runs/1/rows?label=${choice}`)).body).rows).toMatchObject([
        { number: 2, label: { verdict: "bad", note } },
      ]);
    expect(JSON.parse((await ask("/api/runs/1/rows?label=none")).body).rows).toMatchObject([{ number: 1 }]);
    expect((await send({})).status).toBe(200);
    expect(JSON.parse((await ask("/api/runs/1/count?label=bad")).body)).toEqual({ rows: 0 });
  });

  it("the rows that a filter leaves are saved as a file, with the token or once with a ticket in its place", async () => {
    await untilRead();
    const path = "/api/runs/1/export?format=csv&text=script";
    const { status, headers, body } = await ask(path);
    expect([status, body]).toEqual([200, '{"format":"csv","index":0}\n']);
    expect(headers).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="run-1.csv"',
      "x-content-type-options": "nosniff",
    });
    const json = { ...key(), "content-type": "application/json" };
    const { ticket } = JSON.parse((await get("/api/tickets", json, "POST", "{}")).body);
    const withTicket = `${path}&ticket=${ticket}`;
    expect((await get(withTicket, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await get(`/api/runs/1/rows?ticket=${ticket}`)).status).toBe(401);
    expect((await get(withTicket)).body).toBe(body);
    expect((await get(withTicket)).status).toBe(401);
    expect((await get(`${path}&ticket=`)).status).toBe(401);
    expect((await get("/api/tickets", { "content-type": "application/json" }, "POST", "{}")).status).toBe(
      401,
    );
  });

  it.each([
    ["/api/runs/1/export?format=../x", 400, "Rows are exported as csv, jsonl, parquet, and not as ../x"],
    ["/api/runs/1/export", 400, "Rows are exported as csv, jsonl, parquet, and not as "],
    ["/api/runs/2/rows", 404, "There is no run 2 in the journal"],
    ["/api/runs/1/row/7", 404, "There is no such row by now"],
    ["/api/runs/1/rows?state=odd", 400, "There is no state odd"],
    ["/api/runs/1/rows?min-tokens=many", 400, "min-tokens is no number: many"],
    ["/api/runs/1/rows?order=odd", 400, "There is no order odd"],
    ["/api/runs/1/rows?label=odd", 400, "There is no label odd"],
    ["/api/runs/1/rows?with=2", 404, "There is no run 2 in the journal"],
    ["/api/runs/1/rows?with=../1", 400, "There is no run ../1"],
    ["/api/runs/1/count?with=1&compared=odd", 400, "Nothing in a comparison is called odd"],
    ["/api/runs/1/rows?after=odd", 400, "There is no page after odd"],
  ])("%s is refused with %i, and with what is wrong", async (path, status, error) => {
    const got = await ask(path);
    expect([got.status, JSON.parse(got.body)]).toEqual([status, { error }]);
  });

  it("a run whose rows are not shown says why", async () => {
    const closed = { closed: "The rows of run 1 are not shown: it is not yours" };
    const { id, ...run } = JSON.parse((await ask("/api/runs")).body).runs[0];
    await using other = await startUi({ source: rowsSource([], { id, ...run, ...closed }) });
    const { host, origin, hash } = new URL(other.url);
    const response = await fetch(`${origin}/api/runs/1/rows`, {
      headers: { host, authorization: `Bearer ${hash.slice("#key=".length)}` },
    });
    expect([response.status, await response.json()]).toEqual([409, { error: closed.closed }]);
  });

  it("an input that cannot be read to its end leaves the rows before that, and the reason", async () => {
    const source = rowsSource([]);
    await using other = await startUi({
      source: {
        ...source,
        open: async (id) => ({
          ...(await source.open(id)),
          async *rows() {
            yield [answeredRow(0)];
            throw new Error("line 3 has another number of cells");
          },
        }),
      },
    });
    const { origin, hash } = new URL(other.url);
    const headers = { authorization: `Bearer ${hash.slice("#key=".length)}` };
    const overview = async (): Promise<unknown> =>
      (await fetch(`${origin}/api/runs/1/overview`, { headers })).json();
    await expect.poll(overview).toMatchObject({
      reading: { state: "refused", rows: 1, problem: "line 3 has another number of cells" },
      states: { answered: 1 },
    });
  });
});
