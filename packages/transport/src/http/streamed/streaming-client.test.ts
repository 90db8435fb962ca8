// @module-tag slow

import { createHash } from "node:crypto";
import { once } from "node:events";
import { ftruncateSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { Backend } from "../../../fixtures/backend.ts";
import { openSlice } from "../../../fixtures/open-slice.ts";
import { createAgent } from "../agent.ts";
import { StreamingClient, type StreamedRequest, type StreamedResponse } from "./streaming-client.ts";

const MIB = 2 ** 20;
/** The most bytes that all lines of a response may have. */
const MAX_BYTES = 32 * MIB;
/** So many bytes of a large body can be on their way: in the buffers of both sides and of the system. */
const ON_THE_WAY = 32 * MIB;

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const backend = new Backend(createServer(answer), "http");
  return (await backend.listen()).origin;
}

function clientOf({ stallMs = 60_000, answerMs = 60_000, maxBytes = MIB } = {}): StreamingClient {
  const dispatcher = createAgent();
  onTestFinished(() => dispatcher.destroy());
  return new StreamingClient({ dispatcher, stallMs, answerMs, maxBytes });
}

const NEVER = new AbortController().signal;

function send(
  url: string,
  more: Partial<StreamedRequest> = {},
  client = clientOf(),
): Promise<StreamedResponse> {
  return client.send({ method: "GET", url, headers: {}, body: undefined, ...more }, NEVER);
}

/** Uploads so many bytes without content. */
function upload(url: string, bytes: number, client?: StreamingClient): Promise<StreamedResponse> {
  const slice = openSlice(bytes);
  return send(url, { method: "POST", body: { before: "<", slice, after: ">" } }, client);
}

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
}

/** The lines that came, and what was thrown behind them. */
async function linesOf(response: StreamedResponse, onLine?: (line: string) => void) {
  const lines: string[] = [];
  const tooLong: number[] = [];
  const events = { onTooLong: (bytes: number) => void tooLong.push(bytes) };
  let error: unknown;
  try {
    for await (const line of response.lines({ maxLineBytes: MIB, maxBytes: MAX_BYTES, ...events })) {
      lines.push(line);
      onLine?.(line);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { lines, tooLong, error };
}

describe("a request body from a file", () => {
  it("a request body from a file arrives between its two texts, with its length and in one piece", async () => {
    const content = "«Zoë» ".repeat(100_000);
    const url = await serve((request, response) => {
      void (async () => {
        const hash = createHash("sha256");
        for await (const chunk of request) hash.update(chunk as Buffer);
        const { "content-length": length, "transfer-encoding": coding } = request.headers;
        response.end(JSON.stringify([request.method, length, coding, hash.digest("hex")]));
      })();
    });
    const body = { before: '{"ü":[', slice: openSlice(content), after: "]}" };
    const whole = `${body.before}${content}${body.after}`;
    const hash = createHash("sha256").update(whole).digest("hex");
    const response = await send(url, { method: "PUT", body });
    expect(JSON.parse((await response.whole()).body)).toEqual([
      "PUT",
      String(Buffer.byteLength(whole)),
      null,
      hash,
    ]);
  });

  it("a request body from a file is read no faster than the server takes it, and one that takes no more is given up", async () => {
    const url = await serve((request) => void request.pause());
    const error = await thrownBy(upload(url, 256 * MIB, clientOf({ stallMs: 200 })));
    expect(error).toMatchObject({
      kind: "TIMEOUT",
      wasSent: false,
      message: expect.stringMatching(
        /^The server took nothing more of the request within 0\.2 s, when \d+ of/,
      ),
    });
    const [, sent] = /when (\d+) of/.exec(String(error)) ?? [];
    expect(Number(sent)).toBeLessThan(ON_THE_WAY);
  });

  it("a request body from a file that is cut off by a reset was not carried out, and the error says how much was sent", async () => {
    const url = await serve((request) => {
      request.once("data", () => void request.socket.resetAndDestroy());
    });
    expect(await thrownBy(upload(url, 64 * MIB))).toMatchObject({
      kind: "NETWORK",
      wasSent: false,
      message: expect.stringMatching(/, when \d+ of 67108866 bytes of the request were sent$/),
    });
  });

  it("a request that was reset when all of its body from a file was sent may have been carried out", async () => {
    const url = await serve((request) => {
      request.resume().once("end", () => void request.socket.resetAndDestroy());
    });
    expect(await thrownBy(upload(url, MIB))).toMatchObject({ kind: "NETWORK", wasSent: true });
  });

  it("a request body from a file ends where the server answers before it has all of it", async () => {
    const url = await serve((request, response) => {
      request.once("data", () => void response.writeHead(413).end("too large"));
    });
    const response = await upload(url, 256 * MIB);
    expect(await response.whole()).toMatchObject({ status: 413, body: "too large" });
  });

  it("a request body from a file that became shorter is no fault of the network", async () => {
    const url = await serve((request) => void request.resume());
    const slice = openSlice(4 * MIB);
    ftruncateSync(slice.file, MIB);
    const body = { before: "", slice, after: "" };
    expect(await thrownBy(send(url, { method: "POST", body }))).toMatchObject({
      code: "JOURNAL_FAILED",
      message: expect.stringContaining("it was cut off"),
    });
  });
});

describe("a streamed response", () => {
  it("a streamed response is received no faster than it is read", async () => {
    const line = `${"x".repeat(MIB / 2)}\n`;
    const count = 256;
    let written = 0;
    const url = await serve((_request, response) => {
      void (async () => {
        for (let number = 0; number < count; number++) {
          written += line.length;
          if (!response.write(line)) await once(response, "drain");
        }
        response.end();
      })();
    });
    const response = await send(url);
    let read = 0;
    let ahead = 0;
    for await (const text of response.lines({
      maxLineBytes: MIB,
      maxBytes: 2 ** 30,
      onTooLong: () => undefined,
    })) {
      read += text.length + 1;
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      ahead = Math.max(ahead, written - read);
    }
    expect(read).toBe(count * line.length);
    expect(ahead).toBeLessThan(ON_THE_WAY);
  });

  it("a streamed response that is reset gives the lines that came, and then the error", async () => {
    let reset = (): void => undefined;
    const url = await serve((request, response) => {
      reset = () => void request.socket.resetAndDestroy();
      response.write('{"a":1}\n{"b":2}\n{"c"');
    });
    const { lines, error } = await linesOf(await send(url), (line) => {
      if (line === '{"b":2}') reset();
    });
    expect(lines).toEqual(['{"a":1}', '{"b":2}']);
    expect(error).toMatchObject({ kind: "NETWORK" });
  });

  it("a streamed response that stops coming is given up", async () => {
    const url = await serve((_request, response) => void response.write('{"a":1}\n'));
    const response = await send(url, {}, clientOf({ stallMs: 200 }));
    const { error } = await linesOf(response);
    expect(error).toMatchObject({
      kind: "TIMEOUT",
      message: "Nothing more of the response came within 0.2 s",
    });
  });

  it("a streamed response that does not begin is given up, and the request may have been carried out", async () => {
    const url = await serve(() => undefined);
    const error = await thrownBy(send(url, { method: "POST", body: "{}" }, clientOf({ answerMs: 200 })));
    expect(error).toMatchObject({ kind: "TIMEOUT", wasSent: true, message: "No answer within 0.2 s" });
  });

  it("a streamed response leaves out a line that is too long, and tells of it", async () => {
    const url = await serve(
      (_request, response) => void response.end(`{"a":1}\n${"x".repeat(2 * MIB)}\n{"b":2}`),
    );
    expect(await linesOf(await send(url))).toEqual({
      lines: ['{"a":1}', '{"b":2}'],
      tooLong: [2 * MIB],
      error: undefined,
    });
  });

  it("a streamed response without an end is given up at the most bytes that all lines may have", async () => {
    const url = await serve((_request, response) => {
      const more = (): void => {
        while (response.write(`${"x".repeat(MIB - 1)}\n`));
        response.once("drain", more);
      };
      more();
    });
    const { error } = await linesOf(await send(url));
    expect(error).toMatchObject({
      kind: "RESPONSE_TOO_LARGE",
      message: `The response is larger than ${MAX_BYTES} bytes`,
    });
  });

  it("a streamed response that is left early ends its request", async () => {
    const closed = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      response.on("close", () => closed.resolve());
      response.write('{"a":1}\n{"b":2}\n');
    });
    const response = await send(url);
    for await (const line of response.lines({
      maxLineBytes: MIB,
      maxBytes: MIB,
      onTooLong: () => undefined,
    })) {
      expect(line).toBe('{"a":1}');
      break;
    }
    await closed.promise;
  });

  it("a streamed response that is read as a whole may have so many bytes and no more", async () => {
    const url = await serve((_request, response) => void response.end("x".repeat(2 * MIB)));
    expect(await thrownBy((await send(url)).whole())).toMatchObject({ kind: "RESPONSE_TOO_LARGE" });
  });

  it("a streamed response may be a redirect, which is not followed", async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    const { status, headers } = await (await send(url)).whole();
    expect([status, headers["location"], requests]).toEqual([307, "/elsewhere", 1]);
  });
});

describe("a streamed request", () => {
  it("a streamed request to a server that is not there was not sent", async () => {
    const url = await serve(() => undefined);
    const gone = new URL(url);
    gone.port = "1";
    expect(await thrownBy(send(String(gone)))).toMatchObject({ kind: "NETWORK", wasSent: false });
  });

  it("a streamed request ends with the reason of its signal while it is sent", async () => {
    const controller = new AbortController();
    const reason = new Error("the run ends");
    const url = await serve((request) => void request.once("data", () => controller.abort(reason)));
    const body = { before: "", slice: openSlice(64 * MIB), after: "" };
    const sent = clientOf().send({ method: "POST", url, headers: {}, body }, controller.signal);
    expect(await thrownBy(sent)).toBe(reason);
  });

  it("a streamed request ends with the reason of its signal while the response comes", async () => {
    const controller = new AbortController();
    const reason = new Error("the run ends");
    const url = await serve((_request, response) => void response.write('{"a":1}\n'));
    const request = { method: "GET", url, headers: {}, body: undefined } as const;
    const response = await clientOf().send(request, controller.signal);
    const { lines, error } = await linesOf(response, () => controller.abort(reason));
    expect(lines).toEqual(['{"a":1}']);
    expect(error).toBe(reason);
  });
});
