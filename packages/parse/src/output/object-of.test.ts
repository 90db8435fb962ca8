import type { Choice } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { objectOf } from "../index.ts";

const pet = objectOf(["name", "kind"]);
const stop = (text: string): Choice => ({ text, finishReason: "stop" });
const cat = { name: "Mia", kind: "cat" };

describe("objectOf", () => {
  it.each([
    ["the object", '{"name":"Mia","kind":"cat"}'],
    ["the only element of a list", '[{"name":"Mia","kind":"cat"}]'],
    ["an object in a wrapper", '{"pet":{"name":"Mia","kind":"cat"}}'],
    ["a wrapper in a list", '[{"pet":{"name":"Mia","kind":"cat"}}]'],
    ["a list of one in a wrapper", '{"items":[{"name":"Mia","kind":"cat"}]}'],
    ["a string of JSON", JSON.stringify('{"name":"Mia","kind":"cat"}')],
    ["a footnote", '{"name":"Mia","kind":"cat"}\n\n[1] She is one.'],
    ["a fence", '```\n{"name":"Mia","kind":"cat"}\n```'],
    ["prose", 'With [1]: {"name":"Mia","kind":"cat"}.'],
  ])("objectOf reads %s", (_, text) => {
    expect(pet.read(stop(text))).toEqual({ ok: true, outputs: [cat], warnings: [] });
  });

  it.each([
    ["a list of several", "[{},{},{}]", "expected one object, got a list of 3"],
    ["an empty list", "[]", "expected one object, got a list of 0"],
    ["a missing key", '{"name":"Mia"}', "kind: expected string, got nothing"],
    ["a text", '"Mia"', 'expected object, got "Mia"'],
    ["an object that ends early", '{"name":"Mia","kind":"ca', "it ends in the middle of the JSON"],
  ])("objectOf refuses %s", (_, text, problem) => {
    expect(pet.read(stop(text))).toEqual({
      ok: false,
      code: "INVALID_OUTPUT",
      message: `The answer is not as asked for: ${problem}`,
    });
  });

  it("objectOf never completes an object that was cut off", () => {
    for (const text of ['{"name":"Mia","kind":"ca', '{"name":"Mia","kind":"cat"', "{'name':'Mia','kind':'ca"])
      expect(pet.read({ text, finishReason: "length" })).toMatchObject({
        ok: false,
        code: "OUTPUT_TRUNCATED",
      });
    expect(pet.read({ text: '{"name":"Mia","kind":"cat"} I ho', finishReason: "length" })).toMatchObject({
      outputs: [cat],
    });
  });

  it("objectOf repairs broken JSON, with a warning", () => {
    expect(pet.read(stop("{name:'Mia',kind:'cat',}"))).toMatchObject({
      outputs: [cat],
      warnings: [{ code: "REPAIRED" }],
    });
  });

  it("objectOf asks the model for the object itself", () => {
    expect(pet.shape).toMatchObject({
      type: "json",
      name: "output",
      schema: { type: "object", required: ["name", "kind"], additionalProperties: false },
      instructions: expect.stringContaining('{"name":"...","kind":"..."}') as string,
    });
  });

  it("objectOf asks for an object around objects of several kinds", () => {
    const output = objectOf(
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("cat"), lives: z.number() }),
        z.object({ kind: z.literal("dog") }),
      ]),
    );
    expect(output.columns).toEqual(["kind", "lives"]);
    expect(output.shape).toMatchObject({ schema: { type: "object", required: ["output"] } });
    for (const text of ['{"output":{"kind":"cat","lives":9}}', '{"kind":"CAT","lives":9}'])
      expect(output.read(stop(text))).toMatchObject({ ok: true, outputs: [{ kind: "cat", lives: 9 }] });
  });

  it.each([
    ['{"q":"1","a":"press "Ctrl", "C": it stops"}', "stop", "INVALID_OUTPUT"],
    ['{"q":"1","a":"x"}, "b":"y"}', "stop", "INVALID_OUTPUT"],
    ['The form is {"q":"1","a":"x"}. Let me thi', "length", "OUTPUT_TRUNCATED"],
    ['Example: {"q":"a long example question","a":"b"} Result: {"q":"1","a":"2"}', "stop", "INVALID_OUTPUT"],
    ['As in {"q":"example question","a":"example answer"}: {"q":"real', "length", "OUTPUT_TRUNCATED"],
  ] as const)("objectOf asks again rather than guess: %s", async (text, finishReason, code) => {
    expect(await objectOf(["q", "a"]).read({ text, finishReason })).toMatchObject({ ok: false, code });
  });

  it("objectOf keeps backslashes in a repaired answer, and leaves out the model's thoughts", async () => {
    const text = String.raw`<think>{"q":"draft","a":"draft"}</think>{"q":"\alpha","a":"\d+ C:\Program"}`;
    expect(await objectOf(["q", "a"]).read({ text, finishReason: "stop" })).toMatchObject({
      ok: true,
      outputs: [{ q: String.raw`\alpha`, a: String.raw`\d+ C:\Program` }],
    });
  });
});
