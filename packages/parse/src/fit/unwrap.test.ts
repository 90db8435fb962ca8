import type { Choice, ChoiceReading, Row } from "@parallel-parrot/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { listOf, objectOf } from "../index.ts";

const stop = (text: string): Choice => ({ text, finishReason: "stop" });
const ok = (...outputs: Row[]): object => ({ ok: true, outputs, warnings: [] });
const adjusted = (...outputs: Row[]): object => ({ ok: true, outputs, warnings: [{ code: "ADJUSTED" }] });
const asked = { ok: false, code: "INVALID_OUTPUT" };

const one = { q: "1", a: "x" };
const two = { q: "2", a: "y" };
const json = (value: unknown): string => JSON.stringify(value);
const schema = {
  type: "object",
  properties: { q: { type: "string" }, a: { type: "string" } },
  required: ["q", "a"],
  additionalProperties: false,
} as const;

/** The same wish, said in three ways. */
const SPECS = {
  "key names": { objects: objectOf(["q", "a"]), lists: listOf(["q", "a"]) },
  "a schema of zod": {
    objects: objectOf(z.object({ q: z.string(), a: z.string() })),
    lists: listOf(z.object({ q: z.string(), a: z.string() })),
  },
  "a JSON Schema": { objects: objectOf(schema), lists: listOf(schema) },
};

type Reading = ChoiceReading<Row> | Promise<ChoiceReading<Row>>;

describe.each(Object.entries(SPECS))("by %s", (_, { objects, lists }) => {
  const object = (text: string): Reading => objects.read(stop(text));
  const list = (text: string): Reading => lists.read(stop(text));

  it.each([
    ["a tool call", json({ name: "output", arguments: one })],
    ["a tool call with arguments as a text", json({ name: "output", arguments: json(one) })],
    ["a tool call of another API", json({ type: "tool_use", id: "1", name: "output", input: one })],
    ["parameters", json({ name: "output", parameters: one })],
    ["a tool call in its tag", `<tool_call>\n${json({ name: "output", arguments: one })}\n</tool_call>`],
    ["a message", json({ tool_calls: [{ id: "1", function: { name: "output", arguments: json(one) } }] })],
    ["a function", json({ type: "function", function: { name: "output", arguments: json(one) } })],
    ["properties", json({ properties: one })],
    ["a schema with values", json({ type: "object", properties: one, required: ["q", "a"] })],
    ["a wrapper with metadata", json({ status: "ok", data: one })],
    ["a result", json({ success: true, result: one, errors: [] })],
    ["wrappers in each other", json({ meta: { took: 1 }, response: { status: "ok", data: one } })],
    ["a list of one in a wrapper", json({ status: "ok", data: [one] })],
    ["a list of one", json([one])],
  ])("an object is read that the model wrapped in %s", async (_form, text) => {
    expect(await object(text)).toMatchObject(ok(one));
    expect(await list(text)).toMatchObject(ok(one));
  });

  it.each([
    ["a wrapper with metadata", json({ status: "ok", count: 2, data: [one, two] })],
    ["a wrapper in a wrapper", json({ success: true, result: { items: [one, two] } })],
    ["a wrapper beside other lists", json({ notes: ["a", "b"], pairs: [one, two], tags: [] })],
    ["a tool call", json({ name: "items", arguments: { items: [one, two] } })],
    ["a tool call with a text", json({ name: "items", arguments: json({ items: [one, two] }) })],
    [
      "a message",
      json({ tool_calls: [{ function: { name: "items", arguments: json({ items: [one, two] }) } }] }),
    ],
    ["properties", json({ type: "object", properties: { items: [one, two] } })],
    ["wrappers of their own", json({ items: [{ pair: one }, { pair: two }] })],
    ["a text in its key", json({ items: json([one, two]) })],
    ["texts", json({ items: [json(one), json(two)] })],
    ["a text beside metadata", json({ status: "ok", items: json([one, two]) })],
  ])("a list is read that the model wrapped in %s", async (_form, text) => {
    expect(await list(text)).toMatchObject(ok(one, two));
  });

  it("an object is read that was written as a text in its key", async () => {
    expect(await object(json({ output: json(one) }))).toMatchObject(ok(one));
  });

  it.each([
    ["two that fit", json({ first: one, second: two })],
    ["two in wrappers", json({ draft: { pair: one }, final: { pair: two } })],
    ["a schema in place of values", json({ properties: { q: { type: "string" }, a: { type: "string" } } })],
    [
      "a schema in a wrapper",
      json({ type: "object", properties: { q: { type: "string" }, a: { type: "string" } }, required: ["q"] }),
    ],
    [
      "several tool calls",
      json({ tool_calls: [one, two].map((args) => ({ function: { name: "o", arguments: json(args) } })) }),
    ],
  ])("an object is asked for again where the answer is %s", async (_form, text) => {
    expect(await object(text)).toMatchObject(asked);
  });

  it.each([
    ["two lists that fit", json({ easy: [one], hard: [two] })],
    ["a list beside an object that fits", json({ first: one, others: [two] })],
    ["two wrappers", json({ easy: { items: [one] }, hard: { items: [two] } })],
    ["a schema in place of values", json({ properties: { q: { type: "string" }, a: { type: "string" } } })],
  ])("a list is asked for again where the answer is %s", async (_form, text) => {
    expect(await list(text)).toMatchObject(asked);
  });

  it("keys in another case or style are read inside a wrapper where one fits", async () => {
    expect(await object('{"Q":"1","a ":"x"}')).toMatchObject(adjusted(one));
    expect(await list('{"items":[{" q":"1","A":"x"}]}')).toMatchObject(adjusted(one));
    expect(await object(json({ status: "ok", data: { Q: "1", A: "x" } }))).toMatchObject(adjusted(one));
    expect(await object('{"Q":"1","q ":"2","a":"x"}')).toMatchObject(asked);
  });
});

describe("whatever an answer is", () => {
  const key = fc.constantFrom(
    "q",
    "a",
    "Q",
    "items",
    "properties",
    "arguments",
    "name",
    "function",
    "tool_calls",
    "x",
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: "large" },
      fc.constantFrom("1", "x", "[]", "{}", '[{"q":"1","a":"x"}]', '{"q":"1"}', 1.5, null, true, "__proto__"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  }));

  it("any JSON answer is read or asked for again, without an error, and every output has what was asked for", async () => {
    const outputs = Object.values(SPECS).flatMap(({ objects, lists }) => [objects, lists]);
    await fc.assert(
      fc.asyncProperty(value, async (answer) => {
        for (const output of outputs) {
          const reading = await output.read(stop(json(answer)));
          if (!reading.ok) continue;
          for (const row of reading.outputs)
            expect(row).toEqual({ q: expect.any(String), a: expect.any(String) });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("unwrapping an answer takes linear time in wrappers without end", () => {
    const deep = `${'{"x":['.repeat(60)}1${"]}".repeat(60)}`;
    const wide = json({
      items: Array.from({ length: 2000 }, (_, i) => ({ [`Q${i}`]: { x: [json({ i })] } })),
    });
    for (const { objects, lists } of Object.values(SPECS))
      for (const output of [objects, lists])
        for (const text of [deep, wide]) expect(output.read(stop(text))).toMatchObject(asked);
  });
});

describe("an answer that could be two things", () => {
  it("an answer that has the keys is read as it stands, although it looks like a tool call or a wrapper", () => {
    const named = objectOf(["name", "arguments"]);
    expect(named.read(stop('{"name":"f","arguments":{"name":"x","arguments":"y"}}'))).toMatchObject(
      ok({ name: "f", arguments: '{"name":"x","arguments":"y"}' }),
    );
    const owner = objectOf(["name"]);
    expect(owner.read(stop('{"name":"Mia","owner":{"name":"Tom"}}'))).toMatchObject(ok({ name: "Mia" }));
  });

  it("an answer in the form of a tool call is read as its arguments", () => {
    const pet = objectOf(["name"]);
    expect(pet.read(stop('{"name":"output","arguments":{"name":"Mia"}}'))).toMatchObject(ok({ name: "Mia" }));
  });

  it("an answer is read as it stands where what looks like arguments holds nothing that is wanted", () => {
    const pet = objectOf(["name"]);
    expect(pet.read(stop('{"name":"Mia","input":{"page":1}}'))).toMatchObject(ok({ name: "Mia" }));
    const call = '{"name":"items","arguments":{"items":[{"name":"Mia"},{"name":"Tom"}]}}';
    expect(listOf(["name"]).read(stop(call))).toMatchObject(ok({ name: "Mia" }, { name: "Tom" }));
    const free = { name: "f", arguments: { a: 1 } };
    expect(objectOf({ type: "object" }).read(stop(json(free)))).toMatchObject(ok(free));
  });

  it("JSON that is nested too deep inside a text is left as a text", () => {
    const deep = "[".repeat(5000) + "]".repeat(5000);
    const schema = { type: "object", properties: { a: { type: "array" } } };
    for (const output of [objectOf(schema), objectOf(["b"]), listOf(schema)])
      expect(output.read(stop(json({ a: deep })))).toMatchObject(asked);
  });

  it("texts that look like JSON stay texts where texts are wanted", () => {
    const text = objectOf(["q", "a"]);
    expect(text.read(stop(json({ q: "[1]", a: '{"q":"2","a":"y"}' })))).toMatchObject(
      ok({ q: "[1]", a: '{"q":"2","a":"y"}' }),
    );
  });
});
