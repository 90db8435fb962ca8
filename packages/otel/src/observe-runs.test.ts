import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { context, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-base";
import type { Output } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal } from "@parallel-parrot/journal";
import { openai } from "@parallel-parrot/providers";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { completionStream, EVENT_TYPES, type CompletionOptions } from "@parallel-parrot/transport";
import { hasSubscribers } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { observeRuns, type ObserveOptions } from "./index.ts";

const contexts = new AsyncLocalStorageContextManager().enable();
beforeEach(() => void context.setGlobalContextManager(contexts));
afterEach(() => context.disable());

const ROWS = 4;
const PROMPTS = Array.from({ length: ROWS }, (_, index) => ({
  index,
  row: {},
  prompt: {
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: `Summarise document ${index}.` },
    ],
  },
})) as Parameters<typeof sourceOf>[0] extends readonly (infer Item)[] ? Item[] : never;

/** Reads answers as they come to several rows in one request. */
const TOGETHER: Output = {
  shape: { type: "text" },
  columns: ["output"],
  read: () => ({ ok: true, outputs: [{}], warnings: [] }),
  grouped: {
    shape: {
      type: "json",
      name: "answers",
      instructions: "",
      schema: {
        type: "object",
        properties: {
          answers: {
            type: "array",
            items: {
              type: "object",
              properties: { id: { type: "string" }, answer: { type: "string" } },
              required: ["id", "answer"],
            },
          },
        },
        required: ["answers"],
      },
    },
    read: ({ text }) =>
      (JSON.parse(text) as { answers: { id: string; answer: string }[] }).answers.map(({ id, answer }) => ({
        id,
        text: answer,
      })),
  },
};

/** Row 1 is answered at its second attempt, and row 2 is refused. */
const FAULTS: FaultScript = ({ body, attempt }) => {
  const words = JSON.stringify(body);
  if (words.includes("document 1.") && attempt === 1) return { kind: "status", status: 500 };
  return words.includes("document 2.") ? { kind: "contentFilter", at: "prompt" } : undefined;
};

interface Traced {
  readonly spans: readonly ReadableSpan[];
  readonly rows: readonly ReadableSpan[];
  readonly attempts: readonly ReadableSpan[];
  readonly simulator: Pick<Simulator, "baseUrl" | "apiKey">;
}

interface TraceOptions extends ObserveOptions {
  readonly run?: CompletionOptions;
  readonly exporter?: SpanExporter;
  readonly server?: Simulator;
}

/** Asks four rows, with spans of HTTP requests as well. */
async function traced({ run, exporter, server, ...options }: TraceOptions = {}): Promise<Traced> {
  await using own = server === undefined ? await startSimulator({ faults: FAULTS }) : undefined;
  const simulator = server ?? own;
  if (simulator === undefined) throw new Error("There is no server");
  const memory = new InMemorySpanExporter();
  const processors = [memory, ...(exporter === undefined ? [] : [exporter])];
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: processors.map((each) => new SimpleSpanProcessor(each)),
  });
  const http = new UndiciInstrumentation();
  http.setTracerProvider(tracerProvider);
  const end = observeRuns({ tracerProvider, environment: {}, ...options });
  const { baseUrl, apiKey } = simulator;
  try {
    await tracerProvider.getTracer("test").startActiveSpan("my program", async (span) => {
      const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), { temperature: 0.5, ...run });
      await Array.fromAsync(sourceOf(PROMPTS).pipeThrough(stage));
      span.end();
    });
  } finally {
    end();
    http.disable();
  }
  await tracerProvider.forceFlush();
  const spans = memory.getFinishedSpans();
  return {
    spans,
    rows: named(spans, "chat sim").toSorted((one, other) => rowOf(one) - rowOf(other)),
    attempts: named(spans, "attempt sim"),
    simulator: { baseUrl, apiKey },
  };
}

const named = (spans: readonly ReadableSpan[], name: string): readonly ReadableSpan[] =>
  spans.filter((span) => span.name === name);
const rowOf = ({ attributes }: ReadableSpan): number => Number(attributes["parallel_parrot.row.index"]);
const childrenOf = (spans: readonly ReadableSpan[], parent: ReadableSpan): readonly ReadableSpan[] =>
  spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent.spanContext().spanId);

describe("spans of runs", () => {
  it("each row is one span over all its attempts, which are its children, and HTTP requests are theirs", async () => {
    const { spans, rows } = await traced();
    expect(rows.map(rowOf)).toEqual([0, 1, 2, 3]);
    const attempts = rows.map((row) => childrenOf(spans, row));
    expect(attempts.map(({ length }) => length)).toEqual([1, 2, 1, 1]);
    for (const attempt of attempts.flat()) {
      const requests = childrenOf(spans, attempt);
      expect(requests.map(({ kind }) => kind)).toEqual([SpanKind.CLIENT]);
      expect(requests[0]?.attributes["url.path"]).toBe("/v1/chat/completions");
    }
    const [program] = named(spans, "my program");
    expect(program === undefined ? [] : childrenOf(spans, program)).toHaveLength(ROWS);
    const outcomes = attempts[1]?.map(({ attributes }) => attributes["parallel_parrot.attempt.outcome"]);
    expect(outcomes).toEqual(["retry", "answered"]);
  });

  it("a row has the attributes of the conventions: what was asked, what it took, and why it failed", async () => {
    const { rows, attempts, simulator } = await traced();
    expect(rows[1]?.kind).toBe(SpanKind.CLIENT);
    expect(rows[1]?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.system": "openai",
      "gen_ai.request.model": "sim",
      "gen_ai.request.temperature": 0.5,
      "gen_ai.response.model": "sim",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.output.type": "text",
      "gen_ai.usage.input_tokens": expect.any(Number),
      "gen_ai.usage.output_tokens": expect.any(Number),
      "parallel_parrot.row.attempts": 2,
    });
    expect(rows[2]).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "CONTENT_FILTERED" },
    });
    expect(attempts[0]?.attributes).toMatchObject({
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(simulator.baseUrl).port),
    });
  });

  it("prompts and answers are in no span unless they are asked for, and the key is in none", async () => {
    const silent = await traced();
    expect(JSON.stringify(silent.spans.map(plain))).not.toMatch(/document|Be brief/);
    const told = await traced({
      environment: { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" },
    });
    const { attributes } = told.rows[0] ?? {};
    const read = (name: string): unknown => JSON.parse(String(attributes?.[name]));
    expect(read("gen_ai.input.messages")).toEqual([
      { role: "user", parts: [{ type: "text", content: "Summarise document 0." }] },
    ]);
    expect(read("gen_ai.system_instructions")).toEqual([{ type: "text", content: "Be brief." }]);
    expect(read("gen_ai.output.messages")).toMatchObject([{ role: "assistant", finish_reason: "stop" }]);
    expect(JSON.stringify(told.spans.map(plain))).not.toContain(told.simulator.apiKey);
  });

  it("the environment chooses the names: released, latest, or both", async () => {
    const namesOf = async (words: string): Promise<readonly string[]> => {
      const { rows } = await traced({ environment: { OTEL_SEMCONV_STABILITY_OPT_IN: words } });
      return Object.keys(rows[0]?.attributes ?? {});
    };
    expect(await namesOf("http/dup")).toContain("gen_ai.system");
    expect(await namesOf("http, gen_ai_latest_experimental")).not.toContain("gen_ai.system");
    expect(await namesOf("gen_ai_latest_experimental/dup")).toContain("gen_ai.system");
  });

  it("a row whose answer is in the journal has a span without attempts", async () => {
    const journal = memoryJournal();
    await using server = await startSimulator({ faults: FAULTS });
    await traced({ server, run: { journal } });
    const { rows, attempts } = await traced({ server, run: { journal } });
    expect(attempts).toEqual([]);
    expect(rows.map(({ attributes }) => attributes["parallel_parrot.row.attempts_before"])).toEqual([
      1, 2, 1, 1,
    ]);
  });

  it("a request for several rows stands beside their spans, and is linked to each of them", async () => {
    const run = { rowsPerRequest: 3, output: TOGETHER };
    await using server = await startSimulator();
    const { spans, rows } = await traced({ server, run });
    const idOf = (span: ReadableSpan): string => span.spanContext().spanId;
    const together = named(spans, "attempt sim").find(({ links }) => links.length > 0);
    expect(new Set(together?.links.map(({ context: linked }) => linked.spanId))).toEqual(
      new Set(rows.slice(1).map((row) => idOf(row))),
    );
    expect(together?.attributes).toMatchObject({
      "parallel_parrot.attempt.rows": 3,
      "parallel_parrot.attempt.outcome": "answered",
      "gen_ai.request.temperature": 0.5,
    });
    expect(together?.parentSpanContext?.spanId).toBe(named(spans, "my program").map((span) => idOf(span))[0]);
    expect(rows.map((row) => childrenOf(spans, row).length)).toEqual([1, 0, 0, 0]);
    expect(rows.map(({ attributes }) => attributes["parallel_parrot.row.attempts"])).toEqual([1, 1, 1, 1]);
  });

  it("nobody listens any more once it is ended", async () => {
    await traced();
    expect(EVENT_TYPES.filter((type) => hasSubscribers(`parallel-parrot:${type}`))).toEqual([]);
  });

  it("a collector gets the spans over the wire", async () => {
    const bodies: unknown[] = [];
    await using receiver = await listen(bodies);
    const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${receiver.port}/v1/traces` });
    await traced({ exporter });
    await exporter.shutdown();
    const text = JSON.stringify(bodies);
    expect(text.match(/"name":"chat sim"/g)).toHaveLength(ROWS);
    expect(text).toContain("gen_ai.usage.output_tokens");
  });
});

describe("metrics of runs", () => {
  it("rows, attempts, tokens and durations are measured by model and outcome, and nothing is left in flight", async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter });
    const meterProvider = new MeterProvider({ readers: [reader] });
    await traced({ meterProvider });
    await reader.forceFlush();
    const points = new Map(
      exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics: all }) => all)
        .map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints]),
    );
    await meterProvider.shutdown();
    const valuesOf = (name: string, attribute: string): readonly unknown[] =>
      (points.get(name) ?? []).map(({ value, attributes }) => [attributes[attribute], value]);
    expect(valuesOf("parallel_parrot.rows", "parallel_parrot.outcome")).toEqual(
      expect.arrayContaining([
        ["completed", 3],
        ["failed", 1],
      ]),
    );
    expect(valuesOf("parallel_parrot.attempts", "parallel_parrot.outcome")).toEqual(
      expect.arrayContaining([
        ["answered", 3],
        ["retry", 1],
        ["fail", 1],
      ]),
    );
    expect(points.get("parallel_parrot.in_flight")?.map(({ value }) => value)).toEqual([0]);
    expect(points.get("gen_ai.client.operation.duration")).toHaveLength(2);
    expect(valuesOf("gen_ai.client.token.usage", "gen_ai.token.type")).toMatchObject([
      ["input", { count: 3 }],
      ["output", { count: 3 }],
    ]);
  });
});

/** What can be told of a span, as text. */
function plain({ name, attributes, events, status }: ReadableSpan): unknown {
  return { name, attributes, events, status };
}

async function listen(bodies: unknown[]): Promise<AsyncDisposable & { readonly port: number }> {
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    bodies.push(await json(request));
    response.end("{}");
  };
  const server = createServer((request, response) => void receive(request, response));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
