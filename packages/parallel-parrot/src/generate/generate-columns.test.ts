import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { generateColumns, openai, type Provider } from "../index.ts";

let simulator: Simulator;
let provider: Provider;

beforeAll(async () => {
  simulator = await startSimulator();
  provider = openai({ model: "sim", baseUrl: simulator.baseUrl, apiKey: simulator.apiKey });
});
afterAll(() => simulator.close());

const tickets = [
  { id: 1, body: "The kettle does not boil." },
  { id: 2, body: "The tent leaks." },
];
const prompt = "Sort this ticket: ${body}";

describe("generateColumns", () => {
  it("generateColumns adds a column of text for each name", async () => {
    const { rows, failures } = await generateColumns(tickets, {
      provider,
      prompt,
      columns: ["product", "team"],
    });
    expectTypeOf(rows).toEqualTypeOf<{ id: number; body: string; product: string; team: string }[]>();
    expect(failures).toEqual([]);
    expect(rows).toEqual(
      tickets.map((row) => ({ ...row, product: expect.any(String), team: expect.any(String) })),
    );
  });

  it("generateColumns gives the values the types of a schema", async () => {
    const columns = z.object({ urgency: z.enum(["low", "high"]), days: z.int() });
    const { rows } = await generateColumns(tickets, { provider, prompt, columns });
    expectTypeOf(rows).toEqualTypeOf<{ id: number; body: string; urgency: "low" | "high"; days: number }[]>();
    for (const row of rows) expect(columns.safeParse(row)).toMatchObject({ success: true });
  });

  it("generateColumns types nulls where a failed row stays, and keeps as many rows as went in", async () => {
    await using refusing = await startSimulator({
      faults: ({ body }) =>
        JSON.stringify(body).includes("kettle") ? { kind: "contentFilter", at: "prompt" } : undefined,
    });
    const { rows, failures } = await generateColumns(tickets, {
      provider: openai({ model: "sim", baseUrl: refusing.baseUrl, apiKey: refusing.apiKey }),
      prompt,
      columns: ["product"],
      onFailure: "null",
    });
    expectTypeOf(rows).toEqualTypeOf<{ id: number; body: string; product: string | null }[]>();
    expect(rows.map(({ product }) => product)).toEqual([null, expect.any(String)]);
    expect(failures).toMatchObject([{ index: 0, failure: { code: "CONTENT_FILTERED" } }]);
  });

  it("generateColumns of a stream gives a stream, and of a table a table", async () => {
    const run = generateColumns(new Set(tickets), { provider, prompt, columns: ["product"] });
    const ids: number[] = [];
    for await (const { id } of run.rows) ids.push(id);
    expect(ids).toEqual([1, 2]);
    const table = tableFromArrays({ body: tickets.map(({ body }) => body) });
    const { rows } = await generateColumns(table, { provider, prompt, columns: ["product", "team"] });
    expect(rows.schema.fields.map(({ name }) => name)).toEqual(["body", "product", "team"]);
  });

  it("generateColumns keeps the thoughts of a model in the column that is named for them", async () => {
    const { rows } = await generateColumns(tickets, { provider, prompt, columns: ["team"], thoughts: "why" });
    expectTypeOf(rows).toEqualTypeOf<{ id: number; body: string; team: string; why: string | null }[]>();
    expect(rows).toMatchObject([{ why: null }, { why: null }]);
  });

  it.each([
    ["no names", []],
    ["the same name twice", ["a", "a"]],
    ["the schema of a list", { type: "array" }],
  ])("generateColumns refuses %s, and names the option columns", async (_, columns) => {
    await expect(generateColumns(tickets, { provider, prompt, columns })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "columns",
    });
  });

  it("generateColumns refuses to be called without columns, or with an option that it does not have", async () => {
    // @ts-expect-error Without columns there is nothing to ask for.
    await expect(generateColumns(tickets, { provider, prompt })).rejects.toMatchObject({ option: "columns" });
    const wrong = generateColumns(tickets, {
      provider,
      prompt,
      columns: ["a"],
      // @ts-expect-error The output is made of the columns.
      output: "a",
    });
    await expect(wrong).rejects.toMatchObject({ option: "output" });
  });
});
