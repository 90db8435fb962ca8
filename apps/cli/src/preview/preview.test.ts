// @module-tag slow

import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;
beforeEach(async () => {
  await begin({});
});
afterEach(end);

async function begin(options: SimulatorOptions): Promise<void> {
  simulator = await startSimulator({ answer: () => "word ".repeat(20).trim(), ...options });
  place = await Workplace.open(simulator);
  const lines = Array.from(
    { length: 100 },
    (_, at) => `${at + 1},x${at},${"long text ".repeat(12)}${at + 1}`,
  );
  await place.write("in.csv", `id,other,text\n${lines.join("\n")}\n`);
}

async function end(): Promise<void> {
  await place.close();
  await simulator.close();
}

const TEXT = ["text", "in.csv", "--model", "openai/sim", "-o", "out.csv", "--price", "input=1,output=2"];
const LONG = [...TEXT, "--prompt", "Sum up: ${text} ${nothing:-none}"];
const SHORT = [...TEXT, "--prompt", "About ${id}"];

describe("--preview", () => {
  it("--preview shows the columns of the prompt and the answer, in a block for each row where they are long", async () => {
    const { code, stdout } = await place.run(...LONG, "--preview", "2");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^row 1\n  text    long text/);
    expect(stdout).toMatch(/long text 1\n  output  word word/);
    expect(stdout).toMatch(/\n\nrow 2\n  text  /);
    expect(stdout).not.toContain("x1");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("--preview shows a table where every cell fits into one", async () => {
    await end();
    await begin({ answer: () => "fine" });
    const { stdout } = await place.run(...SHORT, "--offset", "4", "--preview", "2");
    expect(stdout).toContain("│ row │ id │ output │\n");
    expect(stdout).toContain("│ 5   │ 5  │ fine   │\n");
  });

  it("--preview numbers the objects of a list", async () => {
    const answer = (): string => '[{"question":"why","answer":"so"},{"question":"how","answer":"thus"}]';
    await end();
    await begin({ answer });
    const data = ["data", "in.csv", "--model", "openai/sim", "--prompt", "About ${text}"];
    const { stdout } = await place.run(...data, "--keys", "question,answer", "--preview", "1");
    expect(stdout).toContain(
      "  1. question  why\n     answer    so\n  2. question  how\n     answer    thus\n",
    );
  });

  it("--show-prompt shows the messages that a preview has sent, and is refused without --preview", async () => {
    const { stdout } = await place.run(...SHORT, "--system", "Be brief", "--preview", "1", "--show-prompt");
    expect(stdout).toContain("  system message  Be brief\n  user message    About 1\n");
    const whole = await place.run(...SHORT, "--show-prompt");
    expect([whole.code, simulator.ledger.received]).toEqual([2, 1]);
    expect(whole.stderr).toContain("--preview 3 --show-prompt");
  });

  it("--preview tells what it took, what that says of all rows, and that it has not written the output", async () => {
    const { stderr } = await place.run(...SHORT, "--preview", "3");
    expect(stderr).toMatch(
      /^3 rows in \d+\.\d s: 3 requests, \d+ input tokens, \d+ output tokens, \$0\.0\d+\n/,
    );
    expect(stderr).toMatch(
      /\nAll 100 rows, if they are like these first ones: [\d,]+ input and [\d,]+ output tokens, about \$0\.\d+\. /,
    );
    expect(stderr).toContain(
      "A preview writes nothing to out.csv. Without --preview the same command asks and writes 100 rows; with --limit 3 in its place it writes these\n",
    );
    // No output is left unwritten in silence.
    const quiet = await place.run(...SHORT, "-o", "out.csv", "--preview", "3", "--quiet");
    expect(quiet.stderr).toBe("A preview writes nothing to out.csv\n");
    expect(await place.read("out.csv")).toBe("");
  });

  it("--preview of rows that --sample draws tells how far what it says of all rows may be off", async () => {
    await end();
    await begin({ answer: ({ messages }) => "word ".repeat(Number(messages[0]?.parts[0]?.at(-1)) + 1) });
    const { stdout, stderr } = await place.run(...SHORT, "--sample", "5", "--preview", "5");
    expect(stderr).toMatch(
      /\nAll 100 rows without --sample, if they are like these: .*, about \$0\.\d+ \(95 %: \$0\.\d+ to \$0\.\d+\)\. /,
    );
    expect(stdout.match(/│ \d+ +│ \d+ +│ word/g)).toHaveLength(5);
  });

  it("--preview shows why a row has no answer, and ends with exit code 3", async () => {
    await end();
    await begin({
      faults: ({ body }) =>
        JSON.stringify(body).includes("About 2") ? { kind: "status", status: 400 } : undefined,
    });
    const { code, stdout } = await place.run(...SHORT, "--preview", "2");
    expect(code).toBe(3);
    expect(stdout).toMatch(/\n\nrow 2 on line 3\n  id      2\n  failed  BAD_REQUEST: HTTP 400/);
  });

  it("--preview works beside a run in the same folder, with its answers, and says that its own are not kept", async () => {
    await end();
    await begin({ faults: ({ sequence }) => (sequence === 3 ? { kind: "stall" } : undefined) });
    const run = place.start([...SHORT, "--concurrency", "1"]);
    await expect.poll(() => simulator.ledger.received, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
    const { code, stderr } = await place.run(...SHORT, "--preview", "2");
    expect(code).toBe(0);
    expect(stderr).toContain("Another run writes to .parrot/journal.db: its answers are used");
    expect(stderr).toContain("2 rows (2 found in the journal) in ");
    expect(simulator.ledger.received).toBe(3);
    const more = await place.run(...SHORT, "--offset", "50", "--preview", "2");
    expect([more.code, simulator.ledger.received]).toEqual([0, 5]);
    run.kill("SIGKILL");
    await run.finished;
  });
});
