import { readOutputs, type Choice, type Output } from "@parallel-parrot/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { listOf } from "./list-of.ts";
import { objectOf } from "./object-of.ts";
import { text } from "./text.ts";
import { vote, type VoteOptions } from "./vote.ts";

const choice = (answer: string): Choice => ({ text: answer, finishReason: "stop" });
const read = (output: Output, answers: readonly string[]): unknown =>
  readOutputs(output, { choices: answers.map((answer) => choice(answer)) });

describe("vote", () => {
  it("vote gives what most choices say, in the place of the first that says it, with their share", () => {
    expect(read(vote(text("label")), ["bad", "good", "good", "good", "bad"])).toEqual({
      ok: true,
      outputs: [[], [{ label: "good", vote_share: 0.6 }], [], [], []],
      warnings: [],
    });
  });

  it("vote takes one text in different writings for the same, and gives the first of them", () => {
    expect(read(vote(text("label")), ["No", "**Yes**", "yes.", '"Yes"'])).toMatchObject({
      outputs: [[], [{ label: "**Yes**", vote_share: 0.75 }], [], []],
    });
  });

  it("vote by some columns keeps the other columns of the choice that is used", () => {
    const output = vote(objectOf(["label", "reason"]), { by: ["label"], share: "sure" });
    expectTypeOf(output).toEqualTypeOf<Output<{ label: string; reason: string; sure: number }>>();
    const answers = ["a", "b", "b"].map((label, at) => JSON.stringify({ label, reason: `reason ${at}` }));
    expect(read(output, answers)).toMatchObject({
      outputs: [[], [{ label: "b", reason: "reason 1", sure: 2 / 3 }], []],
    });
  });

  it("vote compares numbers by value and lists as a whole", () => {
    const numbers = vote(objectOf(z.object({ n: z.number() })));
    expect(read(numbers, ['{"n":1}', '{"n":2.0}', '{"n":2}'])).toMatchObject({
      outputs: [[], [{ n: 2, vote_share: 2 / 3 }], []],
    });
    const names = vote(listOf(["name"]));
    const answers = ['[{"name":"a"}]', '[{"name":"a"},{"name":"b"}]', '[{"name":"A"},{"name":"B"}]', "[]"];
    expect(read(names, answers)).toMatchObject({
      outputs: [[], [{ name: "a" }, { name: "b", vote_share: 0.5 }], [], []],
    });
    expect(read(names, ["[]", "[]", '[{"name":"a"}]'])).toMatchObject({ outputs: [[], [], []] });
  });

  it("vote of as many on each side gives the earliest, and says so", () => {
    expect(read(vote(text("label")), ["a", "b", "b", "a", "c"])).toEqual({
      ok: true,
      outputs: [[{ label: "a", vote_share: 0.4 }], [], [], [], []],
      warnings: [{ code: "TIED", message: "2 answers had 2 votes of 5 each; the earliest is used" }],
    });
  });

  it("vote leaves out choices that cannot be used, and says so", () => {
    expect(read(vote(text("label")), ["", "a", "a"])).toMatchObject({
      outputs: [[], [{ label: "a", vote_share: 1 }], []],
      warnings: [{ code: "CHOICE_DROPPED" }],
    });
    expect(read(vote(text("label")), ["", ""])).toMatchObject({ ok: false, code: "EMPTY_ANSWER" });
  });

  it("vote lets only parts of answers vote where no choice can be read whole", () => {
    const output = vote(listOf(["q"]));
    const part = '[{"q":"1"},{"q":"2';
    expect(read(output, [part, '[{"q":"9"},{"q":', part])).toMatchObject({
      ok: false,
      partial: { outputs: [[{ q: "1", vote_share: 2 / 3 }], [], []] },
    });
  });

  it("vote of a single choice has the share 1", () => {
    expect(read(vote(text("label")), ["a"])).toMatchObject({ outputs: [[{ label: "a", vote_share: 1 }]] });
  });

  it("vote does not compare the thoughts of the model, and keeps those of the choice that is used", () => {
    const output = vote(text("label", { thoughts: "why" }));
    expect(output).toMatchObject({
      columns: ["label", "why", "vote_share"],
      aboutAnswer: { why: "text", vote_share: "number" },
    });
    const answers = ["<think>x</think>a", "<think>y</think>b", "<think>z</think>b"];
    expect(read(output, answers)).toMatchObject({
      outputs: [[], [{ label: "b", why: "y", vote_share: 2 / 3 }], []],
    });
  });

  it("vote of objects whose keys are not known compares all of their keys, in any order", () => {
    const output: Output = vote(objectOf({ type: "object" }));
    expect(read(output, ['{"a":1}', '{"b":1,"a":null}', '{"a":null,"b":1}', '{"b":1}'])).toMatchObject({
      outputs: [[], [{ a: null, b: 1, vote_share: 0.75 }], [], []],
    });
  });

  it.each([
    [{ by: [] }, "vote.by"],
    [{ by: ["nope"] }, "vote.by"],
    [{ share: "label" }, "vote.share"],
    [{ share: "" }, "share"],
  ] satisfies [VoteOptions, string][])("vote refuses the options %j", (options, option) => {
    const wrong: VoteOptions = options;
    expect(() => vote(text("label") as Output, wrong)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option }) as Error,
    );
  });
});
