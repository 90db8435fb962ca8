// @module-tag slow

import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptJob } from "../job/kept-job.ts";
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
      if (prompt.includes("Judge what is below"))
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
    judge: \${reply}
    rubric: |
      The longer the better.
    scale: 0-9

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

const OUTPUT = `id,ticket,reply,reason,score
1,a,better a!,it has 1 letters,1
2,bbbb,reply to bbbb,it has 4 letters,4
3,cc,better cc!,it has 2 letters,2
4,ddddd,reply to ddddd,it has 5 letters,5
`;

describe("a job file with steps", () => {
  it("the columns of a step are the input of the next, and rows that a condition leaves out pass; the run is shown as a job file that finds its answers", async () => {
    const { code, stderr } = await place.run("run", "job.yaml");
    expect(stderr).toContain("10 answers in 3 steps, 4 rows in out.csv");
    expect(await place.read("out.csv")).toBe(OUTPUT);
    expect(stderr).toContain("  rewrite: 2 rows answered, 2 passed as its condition says, 2 requests");
    expect(code).toBe(0);
    const { stdout } = await place.run("job", "show");
    // What is shown can be run elsewhere: it names no folder of this machine.
    expect(stdout).not.toContain("journal:");
    expect(stdout).toMatch(/^input: in.csv\nmodel: openai\/sim\n/);
    expect(stdout).toContain("  - name: rewrite\n    command: text\n    prompt: |\n      Write this better");
    await place.write("shown.yaml", stdout);
    const again = await place.run("run", "shown.yaml");
    expect(again.stderr).toContain("Nothing to do: 10 answers were given before, and out.csv has 4 rows");
    expect(simulator.ledger.received).toBe(10);
    const kept = (await place.run("journal", "show")).stdout;
    expect(kept).toContain("   step draft: 4 rows answered, 0 failed; 4 requests");
    expect(kept).toMatch(/step grade of run 1, finished .*\n {3}4 rows answered, 0 failed; 4 requests/);
  });

  it("a preview of steps asks the few rows in each of them, and the run finds all of these answers", async () => {
    faults = ({ body }) =>
      /To be judged.*reply to bbbb/.test(JSON.stringify(body)) ? { kind: "status", status: 400 } : undefined;
    const { code, stdout, stderr } = await place.run("run", "job.yaml", "--preview", "3");
    expect(stdout).toContain(
      "row 1\n  ticket          a\n  draft: reply    reply to a\n  grade: score    1\n  grade: reason   it has 1 letters\n  rewrite: reply  better a!\n",
    );
    expect(stdout).toMatch(/row 2 on line 3\n(?:.*\n)*?  grade: failed +BAD_REQUEST/);
    expect(stderr).toContain("  grade: 2 rows answered, 1 failed, 3 requests");
    expect(stderr).toMatch(/\n3 rows in .*: 8 requests, .*\nAll 4 rows, if they are like these first ones: /);
    expect([code, simulator.ledger.received]).toEqual([3, 8]);
    faults = () => undefined;
    await place.run("run", "job.yaml");
    expect(await place.read("out.csv")).toContain("1,a,better a!,");
    expect(simulator.ledger.received).toBe(8 + 2);
  });

  it("--judge adds the step of a job file to answers, with its own model, and is refused without a rubric", async () => {
    await place.write("rubric.txt", "The longer the better.\n");
    const line = [
      "text",
      "in.csv",
      "--model",
      "openai/sim",
      "--prompt",
      "Answer ticket ${ticket}",
      "-o",
      "out.csv",
    ];
    const judge = ["--judge", "${output}", "--judge-model", "openai/judge"];
    const asked = ["--max-tokens", "50", "--rubric", "@rubric.txt", "--scale", "0-9"];
    const { stderr } = await place.run(...line, ...judge, ...asked);
    expect(stderr).toContain("8 answers in 2 steps, 4 rows in out.csv");
    expect(await place.read("out.csv")).toContain("1,a,reply to a,it has 1 letters,1\n");
    const shown = (await place.run("job", "show")).stdout;
    expect(shown).toContain("  - name: judge\n    command: columns\n");
    // What is asked with the answers is not for the judge.
    expect(shown.slice(shown.indexOf("name: judge"))).not.toContain("max-tokens");
    const bare = await place.run(...line, ...judge);
    expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining("or --rubric @FILE") });
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

  it("explain and estimate tell for each step what would be asked, and what is not known yet", async () => {
    await place.run("run", "job.yaml");
    await place.write("in.csv", `${await place.read("in.csv")}5,e\n`);
    const { stdout, code } = await place.run("explain", "run", "job.yaml");
    expect(stdout).toBe(`draft: 4 rows answered, 1 to be asked
grade: 4 rows answered, 1 known only when the steps before it have answered, 0 to be asked
rewrite: 2 rows answered, 2 pass as its condition says, 1 known only when the steps before it have answered, 0 to be asked
`);
    expect(code).toBe(0);
    const estimated = await place.run("estimate", "run", "job.yaml", "--output-tokens", "8");
    expect(estimated.stdout).toContain("draft: 1 request, ");
    expect(estimated.stdout).toContain("grade: at most 1 request, ");
    expect(estimated.stdout).toContain("all: 3 requests, ");
    expect(estimated.stdout).toContain(
      "Assumed: each row stays one row, every condition is true, and answers have 8 tokens",
    );
    expect(estimated.code).toBe(0);
    expect(simulator.ledger.received).toBe(10);
  });

  it.each(["Judge what is below", "Write this better"])(
    "a run of steps that is killed when the server is first asked to %s is resumed to the same bytes",
    async (step) => {
      const rows = Array.from({ length: 40 }, (_, id) => `${id},${"w".repeat(1 + (id % 5))}\n`);
      await place.write("in.csv", `id,ticket\n${rows.join("")}`);
      await place.run("run", "job.yaml", "-o", "whole.csv", "--journal", "whole.db");
      const whole = simulator.ledger.received;
      const { promise: reached, resolve } = Promise.withResolvers<void>();
      faults = ({ body }) => {
        if (JSON.stringify(body).includes(step)) resolve();
        return undefined;
      };
      const child = place.start(["run", "job.yaml", "--concurrency", "4"]);
      await reached;
      child.kill("SIGKILL");
      await child.finished;
      const before = simulator.ledger.received - whole;
      expect(before).toBeLessThan(whole);
      const { code } = await place.run("resume");
      expect(code).toBe(0);
      expect(await place.read("out.csv")).toBe(await place.read("whole.csv"));
      // Only what was in flight is asked again, in each step at most as many as were asked at a time.
      expect(simulator.ledger.received - 2 * whole).toBeLessThanOrEqual(3 * 4);
    },
  );

  it("a row that fails in a step passes those behind it, and is listed with its step and its line", async () => {
    faults = ({ body }) =>
      /To be judged.*reply to bbbb/.test(JSON.stringify(body)) ? { kind: "status", status: 400 } : undefined;
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

  it("rows that fail in different steps count together for --max-failures, and the run goes on with a larger one", async () => {
    faults = ({ body }) =>
      /ticket a"|To be judged.*reply to bbbb/.test(JSON.stringify(body))
        ? { kind: "status", status: 400 }
        : undefined;
    const stopped = await place.run("run", "job.yaml", "--max-failures", "1");
    expect(stopped.code).toBe(4);
    expect(stopped.stderr).toMatch(/2 of the first \d rows failed, more than --max-failures allows/);
    expect((await place.run("resume", "--max-failures", "2")).code).toBe(3);
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
    expect(stderr).toContain("2 BAD_REQUEST (row 3)");
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
      'line 22, column 24: Step "rewrite": ',
      'no column "raeson" (did you mean "reason"?)',
    ],
    [
      "when: score < 3",
      "when: scroe < 3",
      'line 18, column 11: Step "rewrite": ',
      'no column "scroe" (did you mean "score"?)',
    ],
    [
      "Answer ticket ${ticket}",
      "Answer ticket ${tikcet}",
      'line 7, column 29: Step "draft": ',
      'no column "tikcet" (did you mean "ticket"?)',
    ],
    ["    judge: ${reply}", "    judge: true", 'line 11, column 12: "judge": expected a text', ""],
    [
      "    when: score < 3",
      "    wehn: score < 3",
      "line 18, column 5: a step of text has no key",
      "did you mean when?",
    ],
    ["    when: score < 3", "    limit: 3", 'line 18, column 5: "limit": it is for the whole job', ""],
    ["model: openai/sim", "prompt: hello", 'line 3, column 1: "prompt": it says what one step does', ""],
    ["  - name: grade", "  - name: draft", "another step is called", ""],
    [
      "    scale: 0-9",
      "    scale: many",
      "line 14, column 12: expected whole numbers such as 1-5, or a list of labels",
      "",
    ],
    [
      "    scale: 0-9",
      "    command: text",
      "line 14, column 5: a step that judges makes its own command",
      "",
    ],
    [
      "    judge: ${reply}",
      "    judge: ${replay}",
      'line 11, column 14: Step "grade"',
      'did you mean "reply"?',
    ],
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
