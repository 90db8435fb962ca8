import type { Choice, JsonSchema } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import { objectOf } from "../index.ts";

const read = (schema: JsonSchema, value: unknown): unknown =>
  objectOf(schema).read(stop(JSON.stringify(value)));
const stop = (text: string): Choice => ({ text, finishReason: "stop" });
const withA = (a: JsonSchema, more: JsonSchema = {}): JsonSchema => ({
  type: "object",
  properties: { a },
  ...more,
});
const ok = (...outputs: unknown[]): object => ({ ok: true, outputs, warnings: [] });
const problem = (text: string): object => ({
  ok: false,
  message: expect.stringContaining(`: ${text}`) as string,
});

describe("a JSON Schema", () => {
  it("a JSON Schema lets through what it allows", () => {
    const value = { a: { b: [1, "x", null] }, c: true };
    expect(read(withA({ type: "object" }), value)).toEqual(ok(value));
    expect(read({ properties: {} }, value)).toEqual(ok(value));
  });

  it.each([
    [withA({ type: "string" }), { a: 1 }, "a: expected string, got 1"],
    [withA({ type: ["string", "null"] }), { a: [] }, "a: expected string or null, got a list"],
    [withA({}, { required: ["a"] }), {}, "a: it is missing"],
    [withA({ enum: ["x", 2] }), { a: "z" }, 'a: expected one of "x", 2, got "z"'],
    [withA({ const: "x" }), { a: {} }, 'a: expected "x", got an object'],
    [withA({}, { additionalProperties: false }), { a: 1, "b c": 2 }, '["b c"]: there is no such property'],
    [withA({ items: { type: "integer" } }), { a: [1, 1.5] }, "a[1]: expected integer, got 1.5"],
    [withA({ minLength: 3 }), { a: "xy" }, "a: must NOT have fewer than 3 characters"],
  ])("the JSON Schema %j refuses %j", (schema, value, text) => {
    expect(read(schema, value)).toMatchObject(problem(text));
  });

  it.each([
    ["date", "2024-02-29", "2023-02-29"],
    ["time", "23:59:60Z", "24:00:00Z"],
    ["date-time", "2024-02-29T12:00:00.5+01:00", "2024-02-29"],
    ["email", "a@b.org", "a@"],
    ["uri", "https://example.org/x", "example"],
    ["uuid", "01234567-89ab-cdef-0123-456789abcdef", "0123"],
    ["ipv4", "127.0.0.1", "127.0.0.256"],
    ["ipv6", "::1", "127.0.0.1"],
  ])("a JSON Schema checks the format %s", (format, good, wrong) => {
    expect(read(withA({ format }), { a: good })).toMatchObject({ ok: true });
    expect(read(withA({ format }), { a: wrong })).toMatchObject(problem(`a: must match format "${format}"`));
  });

  it("a JSON Schema takes unknown formats and keywords as notes", () => {
    expect(read(withA({ type: "string", format: "colour", "x-note": 1 }), { a: "red" })).toMatchObject({
      ok: true,
    });
  });

  it("a JSON Schema may be of an older draft, and have the `$id` of another", () => {
    const old = {
      $schema: "http://json-schema.org/draft-07/schema#",
      $id: "https://example.org/pet",
      definitions: { text: { type: "string" } },
      properties: { a: { $ref: "#/definitions/text" } },
    };
    for (const schema of [old, structuredClone(old)]) {
      expect(read(schema, { a: "x" })).toEqual(ok({ a: "x" }));
      expect(read(schema, { a: 1 })).toMatchObject(problem("a: expected string, got 1"));
    }
    expect(objectOf(old).shape).toHaveProperty("schema", {
      type: "object",
      definitions: old.definitions,
      properties: old.properties,
    });
  });

  it("a JSON Schema may refer to itself by its root", () => {
    const tree = withA({ type: "array", items: { $ref: "#" } }, { additionalProperties: false });
    expect(read(tree, { a: [{ a: [] }] })).toEqual(ok({ a: [{ a: [] }] }));
    expect(read(tree, { a: [{ b: 1 }] })).toMatchObject(problem("a[0].b: there is no such property"));
  });

  it("a JSON Schema may name keys that objects have by nature", () => {
    const schema = JSON.parse(
      '{"properties":{"__proto__":{"type":"string"},"constructor":{}},"required":["constructor"]}',
    ) as JsonSchema;
    const output = objectOf(schema);
    expect(output.columns).toEqual(["__proto__", "constructor"]);
    expect(output.read(stop('{"__proto__":"x","constructor":1}'))).toMatchObject({ ok: true });
    expect(output.read(stop('{"__proto__":"x"}'))).toMatchObject({ ok: false });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it.each([
    { type: "object", properties: { a: { type: "strng" } } },
    { type: "object", properties: { a: { $ref: "#/none" } } },
  ])("an invalid JSON Schema is refused: %j", (schema) => {
    expect(() => objectOf(schema)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "spec" }) as Error,
    );
    expect(() => objectOf(schema)).toThrow(/Cannot use the JSON Schema: /);
  });
});
