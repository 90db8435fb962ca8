// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arraySource, collect, isFailed, type Prompted, type Row } from "@parallel-parrot/core";
import { openai, type GenerationParams, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completionStream, modelByRow, pool, type CompletionOptions, type ModelByRow } from "../index.ts";

let simulator: Simulator;
let faults: FaultScript;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-by-row-"));
  faults = () => undefined;
  simulator = await startSimulator({ faults: (request) => faults(request), models: ["small", "large"] });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const model = (name: string): Provider =>
  openai({ model: name, baseUrl: simulator.baseUrl, apiKey: simulator.apiKey });

const bySize = (): ModelByRow => modelByRow({ s: model("small"), l: model("large") }, ({ size }) => size);

const rowOf = (cells: Row, index: number, content = "What is it?"): Prompted => ({
  index,
  row: cells,
  prompt: { messages: [{ role: "user", content: `${content} ${index}` }] },
});

async function ask(provider: Provider, rows: readonly Prompted[], options: CompletionOptions = {}) {
  const stage = completionStream(provider, { journal: join(folder, "run.db"), ...options });
  const items = await collect(arraySource(rows).pipeThrough(stage));
  return { items, progress: stage.progress() };
}

type Sent = Readonly<Record<string, unknown>> & {
  readonly messages: readonly { readonly content: string }[];
};

const sent = (): readonly Sent[] => simulator.ledger.entries.map(({ body }) => body as Sent);

describe("modelByRow", () => {
  it("each row is asked of the model that it names, and the rows come in order", async () => {
    const rows = ["s", "l", "s", "l", "l"].map((size, index) => rowOf({ size }, index));
    const { items, progress } = await ask(bySize(), rows);
    expect(items.map((item) => (isFailed(item) ? item.failure : item.completion.model))).toEqual([
      "small",
      "large",
      "small",
      "large",
      "large",
    ]);
    expect(items.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(progress.models.map(({ name, model, usage }) => [name, model, usage.requests])).toEqual([
      ["s", "small", 2],
      ["l", "large", 3],
    ]);
    expect(progress.usage.requests).toBe(5);
  });

  it("a row that names no model fails with INVALID_PARAMETER, and the others are answered", async () => {
    const rows = ["s", "xl", null, "l"].map((size, index) => rowOf({ size }, index));
    const { items } = await ask(bySize(), rows);
    expect(items.map((item) => (isFailed(item) ? item.failure.message : "answered"))).toEqual([
      "answered",
      'Cannot use the row\'s own model: the row names "xl", and the models are "s", "l"',
      'Cannot use the row\'s own model: the row names none, and the models are "s", "l"',
      "answered",
    ]);
    expect(items.map((item) => (isFailed(item) ? item.failure.code : undefined))).toEqual([
      undefined,
      "INVALID_PARAMETER",
      "INVALID_PARAMETER",
      undefined,
    ]);
  });

  it("what one model refuses is left out for that model alone", async () => {
    faults = ({ body }) => {
      const { model: name, temperature } = body as Sent;
      return name === "large" && temperature !== undefined
        ? {
            kind: "status",
            status: 400,
            body: {
              error: {
                message: "Unsupported value: 'temperature' does not support 0.5 with this model.",
                type: "invalid_request_error",
                param: "temperature",
                code: "unsupported_value",
              },
            },
          }
        : undefined;
    };
    const rows = ["s", "l", "s", "l"].map((size, index) => rowOf({ size }, index));
    const { items, progress } = await ask(bySize(), rows, { temperature: 0.5 });
    expect(items.filter((item) => isFailed(item))).toEqual([]);
    expect(progress.models.map(({ amendments }) => amendments)).toEqual([[], ["omit:temperature"]]);
    expect(
      simulator.ledger
        .answered()
        .map(({ body }) => body as Sent)
        .every(({ model: name, temperature }) => (name === "small") === (temperature === 0.5)),
    ).toBe(true);
  });

  it("a budget that is given once is one for all models", async () => {
    const rows = Array.from({ length: 10 }, (_, index) =>
      rowOf({ size: index % 2 === 0 ? "s" : "l" }, index),
    );
    const { progress } = await ask(bySize(), rows, { budget: { maxRequests: 6 }, onStop: "close" });
    expect(progress.usage.requests).toBe(6);
    expect(progress.budget?.spent.requests).toBe(6);
    // A run that goes on has what it paid before in its own budget, once.
    expect(simulator.ledger.received).toBe(6);
  });

  it("answers are found again in the journal, and rows of other models are not equal to them", async () => {
    const same = (size: string, index: number): Prompted => ({
      ...rowOf({ size }, index),
      prompt: rowOf({}, 0).prompt,
    });
    await ask(bySize(), [same("s", 0), same("l", 1), same("s", 2)]);
    expect(simulator.ledger.received).toBe(3);
    const { items, progress } = await ask(bySize(), [same("l", 0), same("s", 1), same("s", 2)]);
    expect(items.filter((item) => isFailed(item))).toEqual([]);
    expect(simulator.ledger.received).toBe(3);
    expect(progress.reused).toBe(3);
    expect(progress.equal).toBe(1);
    // A run that asks one of the models alone finds its answers, too.
    const alone = await ask(model("small"), [same("s", 0), same("s", 1)]);
    expect(alone.progress.reused).toBe(2);
  });

  it("a model that the server does not know stops the run and is named", async () => {
    const rows = Array.from({ length: 6 }, (_, index) => rowOf({ size: index % 2 === 0 ? "s" : "l" }, index));
    const provider = modelByRow({ s: model("small"), l: model("lage") }, ({ size }) => size);
    await expect(ask(provider, rows)).rejects.toThrow(/openai, model lage/);
  });

  it.each([
    [() => modelByRow({}, () => "s"), "expected at least one model, got none"],
    [() => modelByRow({ a: bySize() }, () => "a"), '"a" lets rows choose already'],
    [
      () =>
        modelByRow({ a: { provider: pool([model("small")]), limits: { requestsPerMinute: 1 } } }, () => "a"),
      '"a" is a pool, whose members have limits of their own',
    ],
    [
      () => completionStream(bySize(), { price: { input: 1, output: 1 } }),
      "Cannot use the option price: each model that rows choose has a price of its own",
    ],
  ])("what cannot be chosen from is refused at once (%#)", (make, message) => {
    expect(make).toThrow(message);
  });

  it("a model may be a pool, and the cost is the sum of the models", async () => {
    const price = { input: 1_000_000, output: 0 };
    const provider = modelByRow(
      {
        s: { provider: model("small"), price },
        p: pool([
          { provider: model("large"), price },
          { provider: model("large"), price, name: "b" },
        ]),
      },
      ({ size }) => size,
    );
    const rows = ["s", "p", "p"].map((size, index) => rowOf({ size }, index));
    const { items, progress } = await ask(provider, rows);
    expect(items.filter((item) => isFailed(item))).toEqual([]);
    expect(progress.cost).toBe(progress.usage.inputTokens);
    expect(progress.members).toHaveLength(2);
  });
});

describe("rowParams", () => {
  const byCell = ({ t, cap }: Row): GenerationParams => ({
    ...(t === undefined ? {} : { temperature: t as number }),
    ...(cap === undefined ? {} : { maxTokens: cap as number }),
  });

  it("a row's own parameters come before those of the run", async () => {
    const rows = [{ t: 0.1 }, {}, { cap: 7 }].map((row, index) => rowOf(row, index));
    await ask(model("small"), rows, { temperature: 0.9, rowParams: byCell });
    expect(sent().map(({ temperature, max_tokens: cap }) => [temperature, cap])).toEqual([
      [0.1, undefined],
      [0.9, undefined],
      [0.9, 7],
    ]);
  });

  it("a row whose parameter cannot be used fails with INVALID_PARAMETER, and nothing is sent for it", async () => {
    const rows = [{ t: 0.1 }, { t: "hot" }, { cap: 0.5 }].map((row, index) => rowOf(row, index));
    const { items } = await ask(model("small"), rows, { rowParams: byCell });
    expect(items.map((item) => (isFailed(item) ? item.failure.message : "answered"))).toEqual([
      "answered",
      'Cannot use the row\'s own temperature: expected a finite number, got "hot"',
      "Cannot use the row's own maxTokens: expected a whole number of at least 1, got 0.5",
    ]);
    expect(simulator.ledger.received).toBe(1);
  });

  it("rows with other parameters are not equal, and each finds its answer again", async () => {
    const same = (row: Row, index: number): Prompted => ({
      ...rowOf(row, index),
      prompt: rowOf({}, 0).prompt,
    });
    const options = { rowParams: byCell };
    await ask(model("small"), [same({ t: 0 }, 0), same({ t: 1 }, 1)], options);
    const { progress } = await ask(
      model("small"),
      [same({ t: 1 }, 0), same({ t: 0 }, 1), same({ t: 0 }, 2)],
      options,
    );
    expect(progress.reused).toBe(2);
    expect(progress.equal).toBe(1);
    expect(simulator.ledger.received).toBe(3);
  });

  it("an earlier way of asking may have had parameters of each row", async () => {
    const rows = [{ t: 0.1 }, { t: 0.2 }].map((row, index) => rowOf(row, index));
    await ask(model("small"), rows, { rowParams: byCell });
    const earlier = [{ provider: model("small"), rowParams: byCell }];
    const { progress } = await ask(model("large"), rows, { earlier, temperature: 0.7 });
    expect(progress.reused).toBe(2);
    expect(simulator.ledger.received).toBe(2);
  });

  it("a parameter that only rows set and the API does not have is told", async () => {
    const provider = {
      ...model("small"),
      capabilities: { ...model("small").capabilities, params: ["maxTokens" as const] },
    };
    const { progress } = await ask(provider, [rowOf({ t: 1 }, 0)], { rowParams: byCell });
    expect(progress.paramsNotSent).toEqual(["temperature"]);
  });

  it("a cap that each row sets bounds its answer for the budget", async () => {
    const rows = [{ cap: 5 }, { cap: 6 }].map((row, index) => rowOf(row, index));
    const { items, progress } = await ask(model("small"), rows, {
      rowParams: byCell,
      budget: { maxTokens: 100_000 },
    });
    expect(items.filter((item) => isFailed(item))).toEqual([]);
    expect(progress.budget?.spent.tokens).toBeGreaterThan(0);
  });
});
