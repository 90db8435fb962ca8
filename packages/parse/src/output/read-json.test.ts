import { MAX_JSON_VALUES, readOutputs } from "@parallel-parrot/core";
import { expect, it } from "vitest";
import { listOf } from "./list-of.ts";
import { objectOf } from "./object-of.ts";

const MANY = "{},".repeat(MAX_JSON_VALUES);
const ANSWERS: readonly (readonly [string, string])[] = [
  ["a list", `[${MANY}{}]`],
  ["a list in an object", `{"q":[${MANY}{}]}`],
  ["a list after an apostrophe that is never closed", `He said 5" [${MANY}{}]`],
  ["a list in Python's notation", `[${"{'q': None},".repeat(MAX_JSON_VALUES)}]`],
];

it.each(ANSWERS)("an answer of %s with more values than are read fails at once, unread", async (_, text) => {
  for (const output of [listOf(["q"]), objectOf(["q"])]) {
    const choices = [{ text, finishReason: "stop" as const }];
    expect(await readOutputs(output, { choices })).toMatchObject({
      ok: false,
      code: "TOO_MANY_OUTPUTS",
      message: expect.stringContaining(`more than ${MAX_JSON_VALUES} JSON values`) as string,
    });
  }
});
