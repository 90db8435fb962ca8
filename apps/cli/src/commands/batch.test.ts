// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

/** More than are asked directly in the place of a job. */
const ROWS = 130;
const HOUR = 3_600_000;
const TEXT = ["text", "in.csv", "--prompt", "Say ${word}", "--model", "openai/sim", "-o", "out.csv"];

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator({ batch: { runMs: HOUR } });
  place = await Workplace.open(simulator);
  const rows = Array.from({ length: ROWS }, (_, row) => `${row},word ${row}`);
  await place.write("in.csv", ["id,word", ...rows, ""].join("\n"));
  const { code, stderr } = await place.run(...TEXT, "--batch", "--no-wait");
  if (code !== 4) throw new Error(`There is no open job: ${stderr}`);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

/** How many requests came to paths like this one. */
function posted(path: RegExp): number {
  return simulator.ledger.entries.filter((entry) => entry.method === "POST" && path.test(entry.path)).length;
}

const cancellations = (): number => posted(/\/batches\/[^/]+\/cancel$/);
const askedDirectly = (): number => posted(/\/chat\/completions$/);

describe("parrot batch list", () => {
  it("batch list tells of open jobs with their ids at the provider, and of those that are done with by --all", async () => {
    const { code, stdout } = await place.run("batch", "list");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^1 {2}open, since \d\d:\d\d, until .* at the latest\n {3}batch_\w+ at openai \(sim\), of run 1: 129 requests\n\n.*: 1 open job with 129 requests\. parrot resume collects/,
      ),
    });
    const { jobs } = JSON.parse((await place.run("batch", "list", "--json")).stdout);
    expect(jobs).toMatchObject([{ id: 1, state: "open", requests: ROWS - 1, origin: "own" }]);
    simulator.advance(HOUR);
    expect(await place.run("resume")).toMatchObject({ code: 0 });
    expect((await place.run("batch", "list")).stdout).toMatch(/^\S+: no job is open\n$/);
    expect((await place.run("batch", "list", "--all")).stdout).toMatch(
      /^1 {2}collected, .*\n.*129 requests, 129 answers kept\n/,
    );
  });

  it("a job that somebody else has made is shown as that, and neither cancelled nor forgotten", async () => {
    place.environment["XDG_STATE_HOME"] = place.path("state");
    expect((await place.run("batch", "list")).stdout).toMatch(
      /^1 {2}open, .*; made by others, and not acted on\n[^]*: no job is open, 1 other\n$/,
    );
    for (const command of [["cancel"], ["cancel", "1"], ["forget", "1"]])
      expect(await place.run("batch", ...command)).toMatchObject({ code: 2, stdout: "" });
    expect(cancellations()).toBe(0);
  });

  it("a folder without a journal is told by all commands about jobs", async () => {
    await place.makeFolder("empty");
    for (const command of [["list"], ["cancel"], ["forget", "1"]]) {
      const { code, stderr } = await place.startIn("empty", ["batch", ...command]).finished;
      expect([code, stderr]).toEqual([2, expect.stringContaining("There is no journal .parrot/journal.db")]);
    }
    expect(await place.files()).not.toContain("empty/.parrot");
  });
});

describe("parrot batch cancel", () => {
  it("a job is cancelled at its provider, and the next run collects it and asks the rest directly", async () => {
    const { code, stdout } = await place.run("batch", "cancel");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^Job 1 \(batch_\w+\) .*; parrot resume collects what it has answered\n$/,
      ),
    });
    expect(cancellations()).toBe(1);
    simulator.advance(HOUR);
    // Without --batch, what is left becomes no new job.
    expect(await place.run(...TEXT)).toMatchObject({ code: 0 });
    expect((await place.read("out.csv")).split("\n")).toHaveLength(ROWS + 2);
    expect(askedDirectly()).toBe(ROWS);
  });

  it("a wrong key cancels nothing, and leaves the job open to be collected", async () => {
    place.environment["OPENAI_API_KEY"] = "wrong";
    expect(await place.run("batch", "cancel", "1")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("The key, the project or the workspace that made it is needed"),
    });
    place.environment["OPENAI_API_KEY"] = simulator.apiKey;
    expect((await place.run("batch", "list")).stdout).toMatch(/^1 {2}open, /);
    simulator.advance(HOUR);
    expect(await place.run("resume")).toMatchObject({ code: 0 });
    expect(askedDirectly()).toBe(1);
  });

  it("a job is cancelled at the server where it was made, and the key goes to no other one", async () => {
    const other = await startSimulator();
    place.environment["OPENAI_BASE_URL"] = other.baseUrl;
    expect(await place.run("batch", "cancel", "1")).toMatchObject({ code: 0 });
    expect([cancellations(), other.ledger.entries]).toEqual([1, []]);
    await other.close();
  });

  it("a number that no job has is told, and which command lists them", async () => {
    expect(await place.run("batch", "cancel", "7")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("it has no job 7; parrot batch list --all lists"),
    });
    expect(cancellations()).toBe(0);
  });
});

describe("parrot batch forget", () => {
  it("a forgotten job is told nothing, its requests are asked again, and it cannot be forgotten twice", async () => {
    const { code, stdout, stderr } = await place.run("batch", "forget", "1");
    expect([code, stdout]).toEqual([
      0,
      "Job 1 is forgotten: 129 requests of it will be asked, and paid for, again\n",
    ]);
    expect(stderr).toMatch(/The provider was told nothing: where batch_\w+ is still there, openai goes on/);
    expect(await place.run("batch", "forget", "1")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("job 1 is done with: it is abandoned"),
    });
    expect(await place.run(...TEXT)).toMatchObject({ code: 0 });
    expect([askedDirectly(), cancellations()]).toEqual([ROWS, 0]);
  });
});
