import { describe, expect, it } from "vitest";
import {
  anyFields,
  either,
  filledText,
  flag,
  integer,
  listOf,
  number,
  object,
  oneOf,
  openObjectWith,
  tagged,
  text,
} from "./body-spec.ts";
import { checkBody } from "./check-body.ts";

const SPEC = object(
  {
    model: filledText,
    n: integer(1, 4),
    heat: number(0, 2),
    on: flag,
    role: oneOf("a", "b"),
    content: either(text, listOf(tagged("type", { text: object({ text }, ["text"]) }), 1, 2)),
    open: openObjectWith({ depth: integer() }),
    ...anyFields("free other"),
  },
  ["model"],
);

describe("checkBody", () => {
  it.each([
    { model: "m" },
    { model: "m", n: 4, heat: 0.5, on: false, role: "b", content: "x", free: [], other: null },
    { model: "m", n: null, content: [{ type: "text", text: "" }], open: { more: 1, depth: 2 } },
  ])("checkBody accepts the body %j", (body) => {
    expect(checkBody(body, SPEC)).toBeUndefined();
  });

  it.each<[unknown, object]>([
    ["text", { kind: "wrongType", expected: "object", path: [] }],
    [{}, { kind: "missing", path: ["model"] }],
    [{ model: null }, { kind: "wrongType", expected: "string", path: ["model"] }],
    [{ model: "" }, { kind: "outOfRange", type: "string", bound: "min", limit: 1, actual: 0 }],
    [
      { model: "m", toString: 1 },
      { kind: "unknown", path: ["toString"] },
    ],
    [
      { model: "m", n: 1.5 },
      { kind: "wrongType", expected: "integer", path: ["n"] },
    ],
    [
      { model: "m", n: 5 },
      { kind: "outOfRange", type: "integer", bound: "max", limit: 4, actual: 5 },
    ],
    [
      { model: "m", heat: "hot" },
      { kind: "wrongType", expected: "number" },
    ],
    [
      { model: "m", on: 1 },
      { kind: "wrongType", expected: "boolean" },
    ],
    [
      { model: "m", role: "c" },
      { kind: "wrongValue", values: ["a", "b"], value: "c" },
    ],
    [
      { model: "m", content: 1 },
      { kind: "wrongType", expected: "stringOrList", path: ["content"] },
    ],
    [
      { model: "m", content: [] },
      { kind: "outOfRange", type: "list", bound: "min" },
    ],
    [
      { model: "m", content: [1] },
      { kind: "wrongType", expected: "object", path: ["content", 0] },
    ],
    [
      { model: "m", content: [{}] },
      { kind: "missing", path: ["content", 0, "type"] },
    ],
    [
      { model: "m", content: [{ type: "__proto__" }] },
      { kind: "wrongValue", values: ["text"] },
    ],
    [
      { model: "m", content: [{ type: "text" }] },
      { kind: "missing", path: ["content", 0, "text"] },
    ],
    [
      { model: "m", content: [{ type: "text", text: "", url: "" }] },
      { kind: "unknown", path: ["content", 0, "url"] },
    ],
    [
      { model: "m", open: { depth: "" } },
      { kind: "wrongType", path: ["open", "depth"] },
    ],
  ])("checkBody finds the problem of the body %j", (body, problem) => {
    expect(checkBody(body, SPEC)).toMatchObject(problem);
  });
});
