// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { interrupt } from "../../fixtures/run-parrot.ts";
import { Workplace } from "../../fixtures/workplace.ts";

/** More than are asked directly in the place of a job. */
const ROWS = 130;
const HOUR = 3_600_000;
const TEXT = ["text", "in.csv", "--prompt", "Say ${word}", "--model", "openai/sim", "-o", "out.csv"];
/** The same without a model. */
const OF_ANY_MODEL = TEXT.filter((word) => !["--model", "openai/sim"].includes(word));

let simulator: Simulator;
let place: Workplace;

async function start(runMs: number): Promise<void> {
  simulator = await startSimulator({ batch: { runMs } });
  place = await Workplace.open(simulator);
  await place.write("in.csv", table(ROWS));
}

function table(rows: number): string {
  return ["id,word", ...Array.from({ length: rows }, (_, row) => `${row},word ${row}`), ""].join("\n");
}

/** How many requests came to a path. */
function posted(path: string): number {
  return simulator.ledger.entries.filter((entry) => entry.method === "POST" && entry.path === path).length;
}

const jobsMade = (): number => posted("/v1/batches");
const askedDirectly = (): number => posted("/v1/chat/completions");

afterEach(async () => {
  await place.close();
  await simulator.close();
});

describe("--batch, with jobs that end at once", () => {
  beforeEach(() => start(0));

  it.each([
    ["text", ["--prompt", "Say ${word}"]],
    ["columns", ["--prompt", "Say ${word}", "--keys", "question,answer"]],
    ["data", ["--prompt", "Say ${word}", "--keys", "question,answer", "--lineage"]],
  ])("parrot %s --batch writes what it writes without --batch", async (command, asked) => {
    const common = ["in.csv", ...asked, "--model", "openai/sim"];
    await place.makeFolder("direct");
    const folder = place.startIn("direct", [command, "../in.csv", ...common.slice(1), "-o", "out.csv"]);
    expect(await folder.finished).toMatchObject({ code: 0 });
    const direct = askedDirectly();
    const { code, stderr } = await place.run(command, ...common, "--batch", "-o", "out.csv");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(jobsMade()).toBe(1);
    expect(askedDirectly()).toBe(direct + 1);
    expect(await place.read("out.csv")).toBe(await place.read("direct/out.csv"));
    expect(stderr).toContain(`${ROWS - 1} requests through batches`);
  });

  it("--batch with ten rows asks them directly, and makes no job", async () => {
    await place.write("in.csv", table(10));
    expect(await place.run(...TEXT, "--batch")).toMatchObject({ code: 0 });
    expect([jobsMade(), askedDirectly()]).toEqual([0, 10]);
  });

  it.each([
    [["--deadline", "6h"], "--deadline is about the jobs of --batch"],
    [["--no-wait"], "--no-wait is about the jobs of --batch"],
    [["--batch", "--no-journal"], "--batch needs a journal"],
    [["--batch", "--reparse"], "--reparse asks nothing"],
    [["--batch", "--deadline", "6"], "Expected a time with its unit"],
    [["--batch", "--compare", "openai/other"], "A job of --batch is for one model"],
    [["--batch", "--model", "ollama/llama"], "Cannot use --batch: the provider ollama has no batches"],
  ])("%j is refused before anything is sent", async (options, message) => {
    const { code, stderr } = await place.run(
      ...(options.includes("--model") ? OF_ANY_MODEL : TEXT),
      ...options,
    );
    expect({ code: code === 1 ? 2 : code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(message),
    });
    expect(simulator.ledger.received).toBe(0);
  });
});

describe("--batch, with jobs that take an hour", () => {
  beforeEach(() => start(HOUR));

  it("--no-wait ends with exit code 4 once the job is made, and resume collects it", async () => {
    const made = await place.run(...TEXT, "--batch", "--no-wait");
    expect(made).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(
        /Open at the provider: job 1 \(batch_\w+\): .*\n[^]*Go on with: parrot resume/,
      ),
    });
    expect(await place.run("resume", "--no-wait")).toMatchObject({ code: 4 });
    simulator.advance(HOUR);
    expect(await place.run("resume")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`${ROWS - 1} requests through batches`),
    });
    expect([jobsMade(), askedDirectly()]).toEqual([1, 1]);
    expect((await place.read("out.csv")).split("\n")).toHaveLength(ROWS + 2);
  });

  it("the same command without --batch waits for an open job, and asks nothing twice", async () => {
    await place.run(...TEXT, "--batch", "--no-wait");
    const child = place.start(TEXT);
    let said = "";
    child.stderr?.on("data", (chunk) => (said += String(chunk)));
    await expect
      .poll(() => said)
      .toMatch(/Rows that are in an open batch job of an earlier run wait for it[^]*job 1 \(batch_\w+\)/);
    simulator.advance(HOUR);
    expect(await child.finished).toMatchObject({ code: 0 });
    expect([jobsMade(), askedDirectly()]).toEqual([1, 1]);
  });

  it("Ctrl-C leaves the job open, says where it is, and resume collects it", async () => {
    const child = place.start([...TEXT, "--batch"]);
    await expect.poll(jobsMade).toBe(1);
    await interrupt(child);
    expect(await child.finished).toMatchObject({
      code: 130,
      stderr: expect.stringMatching(
        /1 job stays open at the provider[^]*Open at the provider: job 1 \(batch_\w+\)/,
      ),
    });
    simulator.advance(HOUR);
    expect(await place.run("resume")).toMatchObject({ code: 0 });
    expect([jobsMade(), askedDirectly()]).toEqual([1, 1]);
  });

  it("a run that waits for its job keeps others from the journal; killed, it is resumed and makes no other job", async () => {
    const child = place.start([...TEXT, "--batch"]);
    await expect.poll(jobsMade).toBe(1);
    const second = await place.run(...TEXT, "--batch");
    expect(second).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is in use by process \d+ since .* one run at a time/),
    });
    child.kill("SIGKILL");
    await child.finished;
    simulator.advance(HOUR);
    expect(await place.run("resume")).toMatchObject({ code: 0 });
    expect([jobsMade(), askedDirectly()]).toEqual([1, 1]);
  });

  it("at the deadline the job is cancelled, and its rows are asked directly", async () => {
    const { code, stderr } = await place.run(...TEXT, "--batch", "--deadline", "4s");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect([jobsMade(), askedDirectly()]).toEqual([1, ROWS]);
    expect((await place.read("out.csv")).split("\n")).toHaveLength(ROWS + 2);
  });
});
