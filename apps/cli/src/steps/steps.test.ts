// @module-tag slow

import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptJob } from "../commands/generate.ts";
import { withJobOfFile } from "../job-file/with-job-of-file.ts";
import { planJob } from "../job/plan.ts";
import { readHead } from "../run/read-head.ts";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;
let faults: FaultScript;
/** The prompts that were asked, in the order in which they came. */
let asked: string[];

beforeEach(async () => {
  faults = () => undefined;
  asked = [];
  simulator = await startSimulator({
    faults: (request) => faults(request),
    answer({ messages }) {
      const prompt = messages.map(({ parts }) => String(parts)).join(" ");
      asked.push(prompt);
      const [, ticket = ""] = /(?:ticket|reply to|better) (\w+)/i.exec(prompt) ?? [];
      if (prompt.includes("Grade:"))
        return JSON.stringify({ score: ticket.length, reason: `it has ${ticket.length} letters` });
      if (prompt.includes("Part ")) return `part ${asked.length} of ${prompt}`;
      return prompt.includes("Write this") ? `better ${ticket}!` : `reply to ${ticket}`;
    },
  });
  place = await Workplace.open(simulator);
  await place.write("in.csv", "id,ticket\n1,a\n2,bbbb\n3,cc\n4,ddddd\n");
  await place.write("job.yaml", JOB);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const JOB = `input: in.csv
output: out.csv
model: openai/sim
steps:
  - name: draft
    command: text
    prompt: Answer ticket \${ticket}
    output-key: reply

  - name: grade
    command: columns
    prompt: "Grade: \${reply}"
    schema:
      type: object
      properties: { score: { type: integer }, reason: { type: string } }
      required: [score, reason]

  - name: rewrite
    command: text
    when: score < 3
    prompt: |
      Write this better: \${ticket}
      It was: \${reply}
      What is wrong: \${reason}
    output-key: reply
    on-collision: overwrite
`;

const OUTPUT = `id,ticket,reply,score,reason
1,a,better a!,1,it has 1 letters
2,bbbb,reply to bbbb,4,it has 4 letters
3,cc,better cc!,2,it has 2 letters
4,ddddd,reply to ddddd,5,it has 5 letters
`;

describe("a job file with steps", () => {
  it("the columns of a step are the input of the next, and rows that a condition leaves out pass; the run is shown as a job file that finds its answers", async () => {
    const { code, stderr } = await place.run("run", "job.yaml");
    expect(stderr).toContain("10 answers in 3 steps, 4 rows in out.csv");
    expect(await place.read("out.csv")).toBe(OUTPUT);
    expect(stderr).toContain("  rewrite: 2 rows answered, 2 passed as its condition says, 2 requests");
    expect(code).toBe(0);
    const { stdout } = await place.run("job", "show");
    expect(stdout).toMatch(/^input: in.csv\nmodel: openai\/sim\n/);
    expect(stdout).toContain("  - name: rewrite\n    command: text\n    prompt: |\n      Write this better");
    await place.write("shown.yaml", stdout);
    const again = await place.run("run", "shown.yaml");
    expect(again.stderr).toContain("Nothing to do: 10 answers were given before, and out.csv has 4 rows");
    expect(simulator.ledger.received).toBe(10);
    expect((await place.run("journal", "show")).stdout).toContain("step grade of run 1, finished");
  });

  it("a run of steps that was interrupted is resumed, and only what was missing is asked", async () => {
    await place.run("run", "job.yaml", "-o", "whole.csv", "--journal", "whole.db");
    const before = simulator.ledger.received;
    const stopped = await place.run("run", "job.yaml", "--max-requests", "7");
    expect(stopped.stderr).toContain("Go on with: parrot resume, with a larger --max-requests");
    expect(stopped.code).toBe(4);
    const spent = simulator.ledger.received - before;
    expect(spent).toBe(7);
    const still = await place.run("resume");
    expect(still.stderr).toContain("7 requests of --max-requests 7 requests spent");
    expect(simulator.ledger.received - before).toBe(7);
    const resumed = await place.run("resume", "--max-requests", "100");
    expect(resumed.stderr).toContain("4 rows in out.csv");
    expect(resumed.code).toBe(0);
    expect(simulator.ledger.received - before).toBe(10);
    expect(await place.read("out.csv")).toBe(await place.read("whole.csv"));
  });

  it("a row that fails in a step passes those behind it, and is listed with its step and its line", async () => {
    faults = ({ body }) =>
      JSON.stringify(body).includes("Grade: reply to bbbb") ? { kind: "status", status: 400 } : undefined;
    const { code, stderr } = await place.run("run", "job.yaml");
    expect(code).toBe(3);
    expect(stderr).toContain('row 2 on line 3, id "2" in step grade (BAD_REQUEST)');
    expect(stderr).toContain(
      "  rewrite: 2 rows answered, 1 passed as its condition says, 1 passed as it had failed before",
    );
    expect((await place.read("out.csv")).split("\n")[2]).toBe("2,bbbb,reply to bbbb,,");
    expect(JSON.parse((await place.read("out.csv.failed.jsonl")).trim())).toMatchObject({
      step: "grade",
      row: 1,
      line: 3,
      input: { id: "2", ticket: "bbbb", reply: "reply to bbbb" },
    });
    faults = () => undefined;
    const retried = await place.run("retry-failed");
    expect(retried.code).toBe(0);
    expect(await place.read("out.csv")).toBe(OUTPUT);
  });

  it("a step that makes several rows of one hands them on, and each tells its row of the input", async () => {
    await place.write(
      "job.yaml",
      `input: in.csv
output: out.jsonl
model: openai/sim
lineage: true
steps:
  - name: split
    command: text
    prompt: Part \${ticket}
    temperature: 1
    n: 2
    keep-duplicates: true
    output-key: part
  - name: write
    command: text
    prompt: Write this \${part} of \${id}
`,
    );
    faults = ({ body }) =>
      JSON.stringify(body).includes("of 3") ? { kind: "status", status: 400 } : undefined;
    const { stderr } = await place.run("run", "job.yaml");
    expect(stderr).toContain("rows 3, 3");
    const rows = (await place.read("out.jsonl"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ id, _row, _choice }) => [id, _row, _choice])).toEqual(
      ["1", "2", "3", "4"].flatMap((id, row) => [
        [id, row, 0],
        [id, row, 1],
      ]),
    );
    const failed = (await place.read("out.jsonl.failed.jsonl")).trim().split("\n");
    expect(failed.map((line) => JSON.parse(line))).toMatchObject([
      { step: "write", row: 2, line: 4 },
      { step: "write", row: 2, line: 4 },
    ]);
  });

  it.each([
    [
      "What is wrong: ${reason}",
      "What is wrong: ${raeson}",
      'line 24, column 24: Step "rewrite": ',
      'no column "raeson" (did you mean "reason"?)',
    ],
    [
      "when: score < 3",
      "when: scroe < 3",
      'line 20, column 11: Step "rewrite": ',
      'no column "scroe" (did you mean "score"?)',
    ],
    ["Answer ticket ${ticket}", "Answer ticket ${tikcet}", "", 'no column "tikcet" (did you mean "ticket"?)'],
    [
      "    when: score < 3",
      "    wehn: score < 3",
      "line 20, column 5: a step of text has no key",
      "did you mean when?",
    ],
    ["    when: score < 3", "    limit: 3", 'line 20, column 5: "limit": it is for the whole job', ""],
    ["model: openai/sim", "prompt: hello", 'line 3, column 1: "prompt": it says what one step does', ""],
    ["  - name: grade", "  - name: draft", "another step is called", ""],
  ])("steps in which %s is %s are refused before anything is sent", async (right, wrong, ...told) => {
    await place.write("job.yaml", JOB.replace(right, wrong));
    const checked = withJobOfFile(place.path("job.yaml"), [], {}, async (typed) => {
      const job = await keptJob(typed);
      await readHead(job, await planJob(job, { asks: false }));
    });
    const error: unknown = await checked.catch((reason: unknown) => reason);
    for (const part of told) expect(String(error)).toContain(part);
    expect(error).toMatchObject({ code: expect.stringMatching(/INVALID_OPTION|MISSING_COLUMN/) });
  });
});
