import { gunzipSync } from "node:zlib";
import { request as rawRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WASHINGTON } from "../../fixtures/articles.ts";
import { answer, chat, complete, failureCode, post, refusal, until } from "../../fixtures/client.ts";
import {
  atRate,
  firstOf,
  onAttempt,
  onRequest,
  startSimulator,
  type Fault,
  type Simulator,
  type SimulatorOptions,
} from "../index.ts";

const BODY = chat(`Summarize:\n\n${WASHINGTON}`);

async function start(faults: SimulatorOptions["faults"], options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ ...options, ...(faults !== undefined && { faults }) });
  onTestFinished(() => simulator.close());
  return simulator;
}

const always = (fault: Fault) => () => fault;

async function postText(simulator: Simulator, body: unknown = BODY): Promise<string> {
  return (await post(simulator, body)).text();
}

/** The response as it was received, and whether it was complete. */
function raw(simulator: Simulator): Promise<{ message: IncomingMessage; bytes: Buffer; complete: boolean }> {
  return new Promise((resolve, reject) => {
    const request = rawRequest(`${simulator.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer sim-key" },
      agent: false,
    });
    request.once("error", reject);
    request.on("response", (message) => {
      // A reset in the middle of the body is reported twice: here and on the message.
      request.off("error", reject).on("error", () => undefined);
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("error", () => undefined);
      message.on("close", () =>
        resolve({ message, bytes: Buffer.concat(chunks), complete: message.complete }),
      );
    });
    request.end(JSON.stringify(BODY));
  });
}

describe("fault scripts", () => {
  const down: Fault = { kind: "status", status: 503 };

  async function statuses(faults: SimulatorOptions["faults"], bodies: readonly string[]): Promise<number[]> {
    const simulator = await start(faults);
    const seen: number[] = [];
    for (const body of bodies) seen.push((await post(simulator, chat(body))).status);
    return seen;
  }

  it("a fault script can be a list with one fault for each request", async () => {
    const script = [undefined, down, { kind: "status", status: 408 }] as const;
    expect(await statuses(script, ["a", "b", "c", "d"])).toEqual([200, 503, 408, 200]);
  });

  it("the fault script onRequest has a fault for the requests with the given numbers", async () => {
    expect(await statuses(onRequest(2, down), ["a", "b", "c"])).toEqual([200, 503, 200]);
    expect(await statuses(onRequest([1, 3], down), ["a", "b", "c"])).toEqual([503, 200, 503]);
  });

  it("the fault script onAttempt has a fault for the given attempts of each body", async () => {
    expect(await statuses(onAttempt([1, 2], down), ["a", "a", "b", "a", "b", "b"])).toEqual([
      503, 503, 503, 200, 503, 200,
    ]);
  });

  it("the fault script atRate has a fault for about that share of requests, the same ones in any order", async () => {
    const bodies = Array.from({ length: 300 }, (_, number) => `Row ${number}`);
    const failed = async (order: readonly string[], seed: number) => {
      const simulator = await start(atRate(0.3, down), { seed });
      await Promise.all(order.map((body) => post(simulator, chat(body))));
      const entries = simulator.ledger.entries.filter(({ status }) => status === 503);
      return entries.map(({ bodyHash }) => bodyHash).toSorted();
    };
    const forwards = await failed(bodies, 1);
    expect(forwards.length).toBeGreaterThan(60);
    expect(forwards.length).toBeLessThan(120);
    expect(await failed(bodies.toReversed(), 1)).toEqual(forwards);
    expect(await failed(bodies, 2)).not.toEqual(forwards);
  });

  it("the fault script firstOf has the fault of the first script that has one", async () => {
    const script = firstOf(onRequest(1, { kind: "status", status: 500 }), onRequest([1, 2], down));
    expect(await statuses(script, ["a", "b", "c"])).toEqual([500, 503, 200]);
  });

  it("a fault script is given the request", async () => {
    const simulator = await start(({ sequence, attempt, method, path, body }) => ({
      kind: "status",
      status: 400,
      body: { sequence, attempt, method, path, body },
    }));
    await post(simulator, chat("Hello"));
    const response = await post(simulator, chat("Hello"));
    expect(await response.json()).toEqual({
      sequence: 2,
      attempt: 2,
      method: "POST",
      path: "/v1/chat/completions",
      body: chat("Hello"),
    });
  });
});

describe("immediate faults", () => {
  it.each([
    [400, "invalid_request_error", null],
    [401, "invalid_request_error", "invalid_api_key"],
    [402, "insufficient_quota", "insufficient_quota"],
    [403, "invalid_request_error", "forbidden"],
    [404, "invalid_request_error", "model_not_found"],
    [408, "invalid_request_error", null],
    [429, "requests", "rate_limit_exceeded"],
    [500, "server_error", null],
    [503, "server_error", "server_is_overloaded"],
    [529, "server_error", "server_is_overloaded"],
  ])("the fault status %d has the error body of the API", async (status, type, code) => {
    const simulator = await start(always({ kind: "status", status }));
    expect(await refusal(post(simulator, BODY))).toMatchObject({ status, type, code });
    expect(simulator.stats()).toMatchObject({
      byStatus: { [status]: 1 },
      byFault: { status: 1 },
      answered: 0,
      inputTokens: 0,
    });
  });

  it("the fault status can have headers and a body, and adds no headers that tell a wait", async () => {
    const simulator = await start([
      { kind: "status", status: 429, headers: { "retry-after": "2" } },
      { kind: "status", status: 502, body: "upstream failed" },
      { kind: "status", status: 429 },
    ]);
    expect((await post(simulator, BODY)).headers.get("retry-after")).toBe("2");
    expect(await postText(simulator)).toBe("upstream failed");
    expect((await post(simulator, BODY)).headers.get("retry-after")).toBeNull();
  });

  it("the faults noCredit and error answer with any error of the API", async () => {
    const simulator = await start([
      { kind: "noCredit" },
      {
        kind: "error",
        error: { kind: "contextTooLong", contextTokens: 10, inputTokens: 11 },
        headers: { "X-Request-Id": "one" },
      },
    ]);
    expect(await refusal(post(simulator, BODY))).toMatchObject({
      status: 429,
      type: "insufficient_quota",
      code: "insufficient_quota",
    });
    const response = await post(simulator, BODY);
    expect(response.headers.get("x-request-id")).toBe("one");
    expect(await refusal(Promise.resolve(response))).toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
  });

  it("the fault unsupportedParameter refuses only requests that have the parameter", async () => {
    const simulator = await start(always({ kind: "unsupportedParameter", name: "temperature" }));
    const refused = await refusal(post(simulator, { ...BODY, temperature: 0 }));
    expect(refused).toMatchObject({ status: 400, code: "unsupported_parameter", param: "temperature" });
    await complete(simulator, BODY);
    await complete(simulator, chat("temperature"));
    expect(simulator.ledger.entries.map(({ fault }) => fault)).toEqual([
      "unsupportedParameter",
      undefined,
      undefined,
    ]);
    expect(simulator.stats().answered).toBe(2);
  });

  it("the fault reset ends the connection before anything is sent", async () => {
    const simulator = await start(always({ kind: "reset" }));
    expect(await failureCode(post(simulator, BODY))).toBe("ECONNRESET");
    expect(simulator.ledger.entries).toMatchObject([{ status: undefined, fault: "reset" }]);
  });

  it("the fault hangUp closes the connection before anything is sent", async () => {
    const simulator = await start(always({ kind: "hangUp" }));
    await expect(raw(simulator)).rejects.toThrow("socket hang up");
    expect(simulator.ledger.entries).toMatchObject([{ status: undefined, fault: "hangUp", cutShort: true }]);
  });

  it("the fault dripHeaders sends headers that never end", async () => {
    const simulator = await start(always({ kind: "dripHeaders", everyMs: 1 }));
    const socket = connect(Number(new URL(simulator.baseUrl).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    let text = "";
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.length > 30) break;
    }
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\nx-drip: \.+$/);
  });

  it("the fault stall sends nothing", async () => {
    const simulator = await start(always({ kind: "stall" }));
    expect(await failureCode(post(simulator, BODY, { signal: AbortSignal.timeout(100) }))).toBe("23");
  });

  it("the fault html is a page with status 200 or another status", async () => {
    const simulator = await start([{ kind: "html" }, { kind: "html", status: 502 }]);
    const page = await post(simulator, BODY);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"]);
    expect(await page.text()).toMatch(/^<!doctype html>/);
    expect((await post(simulator, BODY)).status).toBe(502);
  });

  it("the fault redirect points to another address", async () => {
    const simulator = await start([
      { kind: "redirect", url: "http://127.0.0.1:1/" },
      { kind: "redirect", url: "/other", status: 302 },
    ]);
    const response = await post(simulator, BODY);
    expect([response.status, response.headers.get("location")]).toEqual([307, "http://127.0.0.1:1/"]);
    expect((await post(simulator, BODY)).status).toBe(302);
  });

  it("the fault gzipBomb is small when compressed and large when decompressed", async () => {
    const simulator = await start(always({ kind: "gzipBomb", bytes: 32 * 2 ** 20 }));
    const { message, bytes } = await raw(simulator);
    expect(message.headers["content-encoding"]).toBe("gzip");
    expect(bytes.length).toBeLessThan(100_000);
    expect(gunzipSync(bytes).length).toBe(32 * 2 ** 20);
  });
});

describe("answer faults", () => {
  it("the fault emptyChoices has no choices", async () => {
    const { choices, usage } = await complete(await start(always({ kind: "emptyChoices" })), BODY);
    expect(choices).toEqual([]);
    expect(usage.completion_tokens).toBe(0);
  });

  it("the fault refusal is told in its own field", async () => {
    const { choices } = await complete(await start(always({ kind: "refusal" })), BODY);
    expect(choices).toMatchObject([
      { message: { content: null, refusal: "I'm sorry, but I can't help with that." } },
    ]);
  });

  it("the fault contentFilter blocks the answer or the prompt", async () => {
    const simulator = await start([{ kind: "contentFilter" }, { kind: "contentFilter", at: "prompt" }]);
    const { choices } = await complete(simulator, BODY);
    expect(choices).toMatchObject([{ finish_reason: "content_filter", message: { content: "" } }]);
    expect(await refusal(post(simulator, BODY))).toMatchObject({
      status: 400,
      code: "content_policy_violation",
    });
  });

  it("the fault contentFilter says that the API has no such filter", async () => {
    const simulator = await start([{ kind: "contentFilter" }, { kind: "contentFilter", at: "prompt" }]);
    const ask = async () => {
      const body = JSON.stringify({ ...BODY, stream: false });
      const response = await fetch(`${simulator.urls.ollama}/api/chat`, { method: "POST", body });
      return [response.status, await response.text()];
    };
    expect(await ask()).toEqual([501, expect.stringContaining('"ollama" has no filter of answers')]);
    expect(await ask()).toEqual([501, expect.stringContaining('"ollama" has no filter of prompts')]);
    expect(simulator.stats().byFault).toEqual({});
  });

  it("the fault lengthCutOff sends half of the answer", async () => {
    const whole = await answer(await start(undefined), BODY);
    const { choices } = await complete(await start(always({ kind: "lengthCutOff" })), BODY);
    expect(choices[0]?.finish_reason).toBe("length");
    expect(whole.startsWith(choices[0]?.message.content ?? "?")).toBe(true);
    expect(choices[0]?.message.content?.length).toBe(Math.ceil(whole.length / 2));
  });

  it("the fault badContent sends an answer in the wrong form", async () => {
    const body = {
      ...BODY,
      messages: [{ role: "user", content: 'Answer as JSON with the key "title".\n\nThe sea is blue.' }],
      response_format: { type: "json_object" },
    };
    const right = await answer(await start(undefined), body);
    expect(JSON.parse(right)).toEqual({ title: "The sea" });
    const answers: Record<string, string> = {};
    for (const form of ["wrongShape", "prose", "fences", "brokenJson", "notJson"] as const)
      answers[form] = await answer(await start(always({ kind: "badContent", form })), body);
    expect(answers).toMatchInlineSnapshot(`
      {
        "brokenJson": "{"title":",,",
        "fences": "\`\`\`json
      {"title":"The sea"}
      \`\`\`",
        "notJson": "I am not sure what you mean.",
        "prose": "Sure! Here is what you asked for:

      {"title":"The sea"}

      Let me know if you need anything else.",
        "wrongShape": "{"unexpected":{"shape":[null,1,"two"]}}",
      }
    `);
  });

  it("the fault enumCase changes only the case of texts that the schema lists", async () => {
    const schema = {
      type: "object",
      properties: {
        mood: { enum: ["positive", "negative"] },
        kind: { const: "NEWS" },
        title: { type: "string" },
      },
      required: ["mood", "kind", "title"],
    };
    const body = chat("The sea is wonderful.", {
      response_format: { type: "json_schema", json_schema: { name: "a", schema } },
    });
    const simulator = await start([{ kind: "enumCase" }, { kind: "enumCase" }]);
    expect(JSON.parse(await answer(simulator, body))).toEqual({
      mood: "POSITIVE",
      kind: "news",
      title: "The sea",
    });
    expect(await answer(simulator, BODY)).toMatch(/^George Washington/);
  });

  it("the fault delay sends the right answer later", async () => {
    const simulator = await start(always({ kind: "delay", ms: 1000 }), { timeScale: 0.01 });
    expect(await answer(simulator, BODY)).toMatch(/^George Washington/);
  });

  it("a fault of the answer lets a request be charged and limited like any other", async () => {
    const simulator = await start(always({ kind: "refusal" }), { limits: { requestsPerMinute: 1 } });
    await complete(simulator, BODY);
    expect((await post(simulator, BODY)).status).toBe(429);
    expect(simulator.ledger.entries.map(({ fault }) => fault)).toEqual(["refusal", undefined]);
    expect(simulator.ledger.answered()).toEqual([]);
  });
});

describe("delivery faults", () => {
  it("the fault resetMidBody ends the connection after half the body", async () => {
    const simulator = await start(always({ kind: "resetMidBody" }));
    const { message, bytes, complete: whole } = await raw(simulator);
    expect(whole).toBe(false);
    expect(bytes.length).toBe(Math.floor(Number(message.headers["content-length"]) / 2));
    expect(await failureCode(postText(simulator))).not.toBe("none");
    await until(() => simulator.stats().inFlight === 0);
    expect(simulator.ledger.entries).toMatchObject([
      { status: 200, fault: "resetMidBody", cutShort: true },
      { cutShort: true },
    ]);
  });

  it("the fault truncate sends less than content-length tells", async () => {
    const simulator = await start(always({ kind: "truncate" }));
    const { message, bytes, complete: whole } = await raw(simulator);
    expect(whole).toBe(false);
    expect(bytes.length).toBe(Math.floor(Number(message.headers["content-length"]) / 2));
    expect(await failureCode(postText(simulator))).not.toBe("none");
  });

  it.each(["sent", "none"] as const)(
    "the fault truncate with contentLength %s looks complete until the body is parsed",
    async (contentLength) => {
      const simulator = await start(always({ kind: "truncate", contentLength }));
      const { message, complete: whole } = await raw(simulator);
      expect(whole).toBe(true);
      expect(message.headers["content-length"] === undefined).toBe(contentLength === "none");
      expect(message.headers["transfer-encoding"]).toBeUndefined();
      const text = await postText(simulator);
      expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    },
  );

  it("the fault stallBody sends half of the body and nothing more", async () => {
    const simulator = await start(always({ kind: "stallBody" }));
    const response = await post(simulator, BODY, { signal: AbortSignal.timeout(200) });
    expect(response.status).toBe(200);
    expect(await failureCode(response.text())).toBe("23");
  });

  it("the fault drip sends the whole body in small pieces", async () => {
    const simulator = await start(always({ kind: "drip", bytes: 300, everyMs: 1000 }), { timeScale: 0.01 });
    const response = await post(simulator, BODY);
    const chunks: number[] = [];
    for await (const chunk of response.body ?? []) chunks.push(chunk.length);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.reduce((sum, length) => sum + length, 0)).toBe(
      Number(response.headers.get("content-length")),
    );
  });

  it("the fault blankLines sends blank lines one by one before the JSON", async () => {
    const simulator = await start(always({ kind: "blankLines", lines: 3, everyMs: 10_000 }), {
      timeScale: 0.001,
    });
    const text = await postText(simulator);
    expect(text).toMatch(/^\n\n\n\{/);
    expect(JSON.parse(text)).toMatchObject({ object: "chat.completion" });
  });

  it("the fault invalidJson sends a whole body that is not JSON", async () => {
    const text = await postText(await start(always({ kind: "invalidJson" })));
    expect(text).toMatch(/,}$/);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it("the faults byteOrderMark, charset, contentEncoding and bigHeaders send the right answer under the wrong label", async () => {
    const simulator = await start(
      [
        { kind: "byteOrderMark" },
        { kind: "charset", charset: "iso-8859-1" },
        { kind: "charset", charset: "utf-16le", isTrue: true },
        { kind: "contentEncoding", value: "gzip" },
        { kind: "gzip", announced: false },
        { kind: "bigHeaders", bytes: 10_000 },
      ],
      { answer: () => "Zoë" },
    );
    const marked = await raw(simulator);
    expect(marked.bytes.toString()).toMatch(/^\uFEFF\{/);
    const mislabelled = await raw(simulator);
    expect(mislabelled.message.headers["content-type"]).toBe("application/json; charset=iso-8859-1");
    expect(mislabelled.bytes.toString()).toContain("Zoë");
    const utf16 = await raw(simulator);
    expect(utf16.message.headers["content-type"]).toBe("application/json; charset=utf-16le");
    expect(utf16.bytes.toString("utf16le")).toContain("Zoë");
    const announced = await raw(simulator);
    expect(announced.message.headers["content-encoding"]).toBe("gzip");
    expect(announced.bytes.toString()).toContain("Zoë");
    const silent = await raw(simulator);
    expect(silent.message.headers).not.toHaveProperty("content-encoding");
    expect(gunzipSync(silent.bytes).toString()).toContain("Zoë");
    const big = await raw(simulator);
    expect(JSON.stringify(big.message.headers).length).toBeGreaterThan(10_000);
    expect(big.bytes.toString()).toContain("Zoë");
  });

  it("the fault gzip sends a compressed body, which may be damaged", async () => {
    const simulator = await start([{ kind: "gzip" }, { kind: "gzip", damaged: true }, { kind: "gzip" }]);
    expect(await answer(simulator, BODY)).toMatch(/^George Washington/);
    expect(await failureCode(postText(simulator))).toBe("Z_DATA_ERROR");
    expect((await raw(simulator)).message.headers["content-encoding"]).toBe("gzip");
  });

  it("the fault hugeBody sends the right answer in many bytes", async () => {
    const simulator = await start(always({ kind: "hugeBody", bytes: 5_000_000 }));
    const text = await postText(simulator);
    expect(text.length).toBe(5_000_000);
    expect(JSON.parse(text)).toMatchObject({ object: "chat.completion" });
  });
});
