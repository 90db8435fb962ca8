import { isRecord, type GroupedAnswer, type Output } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import { listOf, objectOf, text } from "../index.ts";

const read = (
  output: Output,
  text: string,
  finishReason: "stop" | "length" = "stop",
): readonly GroupedAnswer[] => {
  if (output.grouped === undefined) throw new Error("the output has no form for several rows");
  return output.grouped.read({ text, finishReason });
};

const kinds = objectOf(["kind"]);
const WHOLE = '{"answers":[{"id":"a1","answer":{"kind":"noun"}},{"id":"b2","answer":{"kind":"verb"}}]}';
const BOTH = [
  { id: "a1", text: '{"kind":"noun"}' },
  { id: "b2", text: '{"kind":"verb"}' },
];

describe("the answers to several rows in one response", () => {
  it.each([
    ["alone", WHOLE],
    ["in a code fence between sentences", `Here they are:\n\`\`\`json\n${WHOLE}\n\`\`\`\nI hope this helps.`],
    ["as a list without its object", WHOLE.slice('{"answers":'.length, -1)],
    ["as JSON Lines", WHOLE.slice('{"answers":['.length, -2).replace("}},{", "}}\n{")],
    ["with single quotes and a comma too many", WHOLE.replaceAll('"', "'").replace("]}", ",]}")],
    ["after thoughts", `<think>Only {"answers":[]} at first.</think>${WHOLE}`],
  ])("answers to several rows are read where the JSON stands %s", (_, text) => {
    expect(read(kinds, text)).toEqual(BOTH);
  });

  it("an answer that is text goes to its row as it is, and any other as its JSON, with numbers as they were written", () => {
    const answers =
      '{"answers":[{"id":"a","answer":"a \\"b\\"\\n"},{"id":"b","answer":1.50},{"id":"c","answer":12345678901234567890}]}';
    expect(read(text(), answers).map(({ text }) => text)).toEqual([
      'a "b"\n',
      "1.50",
      "12345678901234567890",
    ]);
  });

  it("of a response that was cut off, the answers before the cut are read, also where an answer is a list itself", () => {
    expect(read(kinds, WHOLE.slice(0, -14), "length")).toEqual([BOTH[0]]);
    const lists =
      '{"answers":[{"id":"a1","answer":{"items":[{"q":"1"}]}},{"id":"b2","answer":{"items":[{"q":"2"},{"q":';
    expect(read(listOf(["q"]), lists, "length")).toEqual([{ id: "a1", text: '{"items":[{"q":"1"}]}' }]);
  });

  it.each([
    ["no JSON", "I cannot do that."],
    [
      "two lists that differ",
      `${WHOLE}\nOr rather:\n{"answers":[{"id":"a1","answer":{"kind":"verb"}},{"id":"b2","answer":{"kind":"noun"}}]}`,
    ],
    [
      "elements without an id or an answer",
      '{"answers":[{"answer":{"kind":"noun"}},{"id":"a1"},{"id":"b2","answer":null},"a1"]}',
    ],
  ])("nothing is read from a response to several rows that has %s", (_, text) => {
    expect(read(kinds, text)).toEqual([]);
  });

  it("the schema for several rows has that of one answer inside, with its definitions at the root", () => {
    const node = {
      type: "object",
      properties: { next: { anyOf: [{ $ref: "#" }, { type: "null" }] }, kind: { $ref: "#/$defs/kind" } },
      required: ["next", "kind"],
      additionalProperties: false,
      $defs: { kind: { enum: ["noun", "verb"] } },
    };
    const shape = objectOf(node).grouped?.shape;
    const schema = shape?.type === "json" ? shape.schema : undefined;
    expect(Object.keys(schema ?? {})).toEqual([
      "type",
      "properties",
      "required",
      "additionalProperties",
      "$defs",
    ]);
    expect(isRecord(schema?.["$defs"]) && Object.keys(schema["$defs"])).toEqual(["kind", "item"]);
    expect(JSON.stringify(schema)).toContain('"$ref":"#/$defs/item"');
  });

  it("an output with a column for thoughts has no form for several rows, as they think as one", () => {
    expect(text("output", { thoughts: "thoughts" }).grouped).toBeUndefined();
  });
});
