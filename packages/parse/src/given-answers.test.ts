import type { Output, Row } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { LABELS, PEOPLE, QUESTIONS, TEXTS, type GivenAnswer } from "../fixtures/given-answers.ts";
import { listOf, objectOf, text } from "./index.ts";

const person = z.object({
  first_name: z.string(),
  age: z.int(),
  is_member: z.boolean(),
  label: z.enum(["spam", "not_spam"]),
});

const ASKED: readonly [string, Output, readonly GivenAnswer[]][] = [
  ['objectOf(["label", "reason"])', objectOf(["label", "reason"]), LABELS],
  ['listOf(["question", "answer"])', listOf(["question", "answer"]), QUESTIONS],
  ["objectOf(a schema of zod)", objectOf(person), PEOPLE],
  ["objectOf(a JSON Schema)", objectOf(z.toJSONSchema(person)), PEOPLE],
  ["text()", text(), TEXTS],
];

describe.each(ASKED)("an answer to %s", (_, output, answers) => {
  it.each(answers)("the given answer is read as meant: $what", async ({ text, finishReason, meant }) => {
    const reading = await output.read({ text, finishReason });
    expect(seen(reading)).toEqual(meant);
  });
});

function seen(reading: Awaited<ReturnType<Output["read"]>>): GivenAnswer["meant"] {
  if (reading.ok) return { rows: reading.outputs, told: reading.warnings.map(({ code }) => code) };
  const part: readonly Row[] | undefined = reading.partial?.outputs;
  return part === undefined ? "ask" : { part };
}
