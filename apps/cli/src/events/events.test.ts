// @module-tag slow

import { link, readFile, symlink, writeFile } from "node:fs/promises";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { interrupt } from "../../fixtures/run-parrot.ts";
import { Workplace } from "../../fixtures/workplace.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { EventLog } from "./event-log.ts";
import { RunListener } from "./run-listener.ts";

const ROWS = 8;
const TEXT = ["text", "in.jsonl", "--prompt", "Tell of ${word}", "--model", "openai/sim"];

let simulator: Simulator;
let workplace: Workplace;
let faults: FaultScript;

beforeEach(async () => {
  faults = () => undefined;
  simulator = await startSimulator({ faults: (request) => faults(request), answer: () => "a secret answer" });
  workplace = await Workplace.open(simulator);
  const lines = Array.from({ length: ROWS }, (_, row) => `${JSON.stringify({ word: `word ${row + 1}` })}\n`);
  await workplace.write("in.jsonl", lines.join(""));
});
afterEach(async () => {
  await simulator.close();
  await workplace.close();
});

/** Two questions about each row. */
const JOB = `input: in.jsonl
output: steps.csv
model: openai/sim
steps:
  - name: draft
    command: text
    prompt: Tell of \${word}
    output-key: told

  - name: judge
    command: text
    prompt: Judge \${told} of \${word}
    output-key: judged
`;

/** The third row is answered at its second attempt, and the fifth is refused with words that quote its prompt. */
const TROUBLED: FaultScript = ({ body, attempt }) => {
  const words = JSON.stringify(body);
  if (words.includes("word 3") && attempt === 1)
    return { kind: "status", status: 500, body: { error: { message: "Gone\u001B[2J away" } } };
  return words.includes("word 5") ? { kind: "contentFilter", at: "prompt" } : undefined;
};

interface Line extends Readonly<Record<string, unknown>> {
  readonly time: string;
  readonly type: string;
  readonly row?: number;
  readonly run?: number;
}

async function logged(name = "log.jsonl"): Promise<readonly Line[]> {
  const text = await workplace.read(name);
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

const ofRow = (lines: readonly Line[], row: number): readonly string[] =>
  lines.flatMap((line) => (line.row === row && line.type !== "wait" ? line.type : []));

describe("--log", () => {
  it("a log has a line for each event, by the number and the run that other messages name, and neither prompts nor answers nor the key", async () => {
    faults = TROUBLED;
    const { code, stderr } = await workplace.run(...TEXT, "-o", "out.jsonl", "--log", "log.jsonl");
    expect(code).toBe(3);
    expect(stderr).toContain("row 5");
    const lines = await logged();
    expect(ofRow(lines, 1)).toEqual(["row:start", "attempt:start", "attempt:end", "row:end"]);
    const troubled = lines.filter(({ row, type }) => row === 3 && type === "attempt:end");
    expect(troubled).toMatchObject([
      { run: 1, attempt: 1, outcome: "retry", code: "SERVER_ERROR", status: 500, model: "sim" },
      { run: 1, attempt: 2, outcome: "answered", status: 200, usage: { requests: 1 } },
    ]);
    expect(lines.find(({ row, type }) => row === 5 && type === "row:end")).toMatchObject({
      outcome: "failed",
      code: "CONTENT_FILTERED",
      attempts: 1,
      durationMs: expect.any(Number),
    });
    for (const { time } of lines) expect(new Date(time).toISOString()).toBe(time);
    expect(await workplace.read("log.jsonl")).not.toMatch(/word|secret answer/);
    expect(await workplace.read("log.jsonl")).not.toContain(simulator.apiKey);

    // A run that goes on writes behind what is there.
    const again = await workplace.run("retry-failed", "--all", "--log", "log.jsonl", "--log-content");
    expect(again.code).toBe(3);
    const both = await logged();
    expect(both.slice(0, lines.length)).toEqual(lines);
    const told = both.slice(lines.length);
    expect(told.find(({ type }) => type === "attempt:start")).toMatchObject({
      run: 2,
      row: 5,
      messages: [{ role: "user", content: "Tell of word 5" }],
    });
    expect(told.find(({ row, type }) => row === 5 && type === "row:end")).toMatchObject({
      message: expect.any(String),
    });
    expect(JSON.stringify(told)).not.toContain(simulator.apiKey);
  });

  it("a log names the rows that are asked together, and the step of a job file", async () => {
    const together = await workplace.run(
      ...TEXT,
      "--rows-per-request",
      "7",
      "--no-journal",
      "--log",
      "log.jsonl",
    );
    expect(together.code).toBe(0);
    const request = (await logged()).find(({ rows }) => rows !== undefined);
    expect(request).toMatchObject({ rows: [2, 3, 4, 5, 6, 7, 8] });
    expect(request).not.toHaveProperty("run");
    await workplace.write("job.yaml", JOB);
    const steps = await workplace.run("run", "job.yaml", "--log", "steps.jsonl");
    expect(steps.code).toBe(0);
    const ends = (await logged("steps.jsonl")).filter(({ type, row }) => type === "row:end" && row === ROWS);
    expect(ends.map(({ step }) => step)).toEqual(["draft", "judge"]);
  });

  it("a process that is killed leaves whole lines, and a stopped run tells of what it still awaits", async () => {
    const child = workplace.start([...TEXT, "-o", "out.jsonl", "--log", "log.jsonl", "--concurrency", "1"]);
    let requests = 0;
    faults = () => {
      requests += 1;
      if (requests === 4) child.kill("SIGKILL");
      return undefined;
    };
    await child.finished;
    const lines = await logged();
    expect(lines.filter(({ type }) => type === "row:end")).toHaveLength(3);

    const stopped = workplace.start(["resume", "--log", "log.jsonl", "--concurrency", "1"]);
    const asked = Promise.withResolvers<void>();
    faults = () => {
      asked.resolve();
      return { kind: "delay", ms: 300 };
    };
    await asked.promise;
    await interrupt(stopped);
    expect((await stopped.finished).code).toBe(130);
    const all = await logged();
    expect(all.length).toBeGreaterThan(lines.length);
    expect(all.findLast(({ type }) => type === "attempt:end")).toMatchObject({ outcome: "answered" });
  });

  it.runIf(process.platform === "linux")(
    "a log that cannot be written on stops the run, and says so",
    async () => {
      const { code, stderr } = await workplace.run(...TEXT, "-o", "out.jsonl", "--log", "/dev/full");
      expect(code).not.toBe(0);
      expect(stderr).toMatch(
        /Cannot write the log \/dev\/full: .*ENOSPC.*; make room or choose another file with --log/,
      );
    },
  );

  it("a log that cannot be one is refused before anything is sent, and what is there stays", async () => {
    await workplace.write("notes.txt", "Mine\n");
    const command = [...TEXT, "-o", "out.jsonl", "--log"];
    const refused = await workplace.run(...command, "notes.txt");
    expect(refused.stderr).toMatch(
      /Cannot write the log notes.txt: the file exists already and is not a log of events; .* with --log/,
    );
    expect([refused.code, simulator.ledger.received]).toEqual([2, 0]);
    expect(await workplace.read("notes.txt")).toBe("Mine\n");
    const preview = await workplace.run(...command, "log.jsonl", "--preview", "2");
    expect([preview.code, simulator.ledger.received]).toEqual([2, 0]);
    expect(preview.stderr).toContain("leave out --log, --verbose and --ui, or --preview");

    const missing = workplace.path("away/log.jsonl");
    expect(() => EventLog.open(missing)).toThrow(/Cannot write the log .*: ENOENT.* with --log/);
    expect(() => EventLog.open("-")).toThrow("give --log the name of a file");
    expect(() => new RunListener({ logContent: true })).toThrow("name its file with --log");
  });

  it.skipIf(process.platform === "win32")("a log that is a link makes no file where it leads", async () => {
    const [log, elsewhere] = [workplace.path("log.jsonl"), workplace.path("start-up")];
    await symlink(elsewhere, log);
    expect(() => EventLog.open(log)).toThrow(/Cannot write the log .* it is a link.* with --log/);
    expect(await workplace.files()).not.toContain("start-up");
  });

  it("a log that is a second name of another file adds nothing to that", async () => {
    const [log, elsewhere] = [workplace.path("log.jsonl"), workplace.path("start-up")];
    await writeFile(elsewhere, "");
    await link(elsewhere, log);
    expect(() => EventLog.open(log)).toThrow(
      /Cannot write the log .* it has another name as well.* with --log/,
    );
    expect(await readFile(elsewhere, "utf8")).toBe("");
  });

  it("a log that is also read or written as something else is refused", async () => {
    const [input, output] = [workplace.path("in.jsonl"), workplace.path("out.jsonl")];
    const withLog = (log: string): Promise<void> => requireSeparateFiles({ inputs: [input], output, log });
    await expect(withLog(input)).rejects.toThrow("that is the input");
    await expect(withLog(output)).rejects.toThrow("that is the output");
    await expect(withLog(workplace.path("log.jsonl"))).resolves.toBeUndefined();
  });

  it("a line that another process has left without its end is ended first", async () => {
    await workplace.write("log.jsonl", '{"time":"2026-01-0');
    const log = EventLog.open(workplace.path("log.jsonl"));
    log.write({ time: "2026-01-02" });
    log.close();
    expect(await workplace.read("log.jsonl")).toBe('{"time":"2026-01-0\n{"time":"2026-01-02"}\n');
  });
});

describe("--verbose", () => {
  it("what happens is said in place of the progress, without what a terminal would obey", async () => {
    faults = (request) => {
      if (JSON.stringify(request.body).includes("word 7") && request.attempt === 1)
        return { kind: "status", status: 429, headers: { "retry-after": "2" } };
      return TROUBLED(request);
    };
    const { code, stderr } = await workplace.run(...TEXT, "-o", "out.jsonl", "--verbose");
    expect(code).toBe(3);
    expect(stderr).toMatch(/^row 3: request 1 got no answer \(SERVER_ERROR, status 500\): .*Gone away/m);
    expect(stderr).toMatch(/^row 5: failed \(CONTENT_FILTERED\): ./m);
    expect(stderr).toMatch(/^row 7: request 1 got no answer \(RATE_LIMITED, status 429\), as the server/m);
    expect(stderr).toMatch(/^row 7: waited \d\.\d s for /m);
    expect(stderr).not.toContain("in flight");
    expect(stderr).not.toContain("\u001B");
    // It is no part of the run: without it there is nothing to do.
    const again = await workplace.run(...TEXT, "-o", "out.jsonl");
    expect(again.stderr).toContain("Nothing to do");
  });
});
