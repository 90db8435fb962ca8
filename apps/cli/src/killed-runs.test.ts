import { inspectJournal } from "@parallel-parrot/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { killUntilFinished, type Survival } from "../fixtures/kill-until-finished.ts";
import { startSimulatorProcess, type SimulatorProcess } from "../fixtures/simulator-process.ts";
import { JOURNAL_FILES, Workplace } from "../fixtures/workplace.ts";

/** Kills of each command, and its rows. */
const KILLS = Number(process.env["PARROT_KILLS"] ?? 4);
const ROWS = Number(process.env["PARROT_KILL_ROWS"] ?? 800);
const CONCURRENCY = 100;
/** So that the kills are spread over the rows: what is in flight at each is asked again. */
const MAX_REQUESTS = (2 * ROWS) / KILLS + CONCURRENCY;

let simulator: SimulatorProcess;
let place: Workplace;
let calm: { readonly place: Workplace; readonly simulator: SimulatorProcess };

const scenario = { seed: 7, latency: { kind: "lognormal", medianMs: 80, p99Ms: 400 } } as const;

beforeEach(async () => {
  simulator = await startSimulatorProcess(scenario);
  place = await Workplace.open(simulator);
  const other = await startSimulatorProcess({ ...scenario, latency: { kind: "none" } });
  calm = { place: await Workplace.open(other), simulator: other };
});
afterEach(async () => {
  await place.close();
  await simulator.close();
  await calm.place.close();
  await calm.simulator.close();
});

/** Every ninth row is refused, ruined or mended; some ask the same as the one before them. */
function rows(count: number): string {
  const words = ["[refused]", "[ruined]", "[mended]"];
  return Array.from({ length: count }, (_, id) => {
    const asked = id % 50 === 49 ? id - 1 : id;
    const fate = asked % 9 === 4 ? (words[Math.floor(asked / 9) % 3] ?? "") : "";
    const text = `The lamp ${asked} is a device. It was invented in ${1500 + (asked % 500)}. ${fate}`;
    return `${JSON.stringify({ id, text })}\n`;
  }).join("");
}

/** Compares a run that is killed with an undisturbed one; gives its exit code. */
async function survive(command: readonly string[]): Promise<number | null> {
  for (const each of [place, calm.place]) await each.write("in.jsonl", rows(ROWS));
  const full = [...command, "--model", "openai/sim", "-o", "out.jsonl", "--concurrency", String(CONCURRENCY)];
  const undisturbed = await calm.place.run(...full, "--quiet");
  const survival = await killUntilFinished({
    place,
    simulator,
    command: [...full, "--quiet"],
    kills: KILLS,
    maxRequests: MAX_REQUESTS,
    growing: ["out.partial.jsonl", "out.jsonl.failed.partial.jsonl"],
  });
  expect({ code: survival.code, stderr: survival.stderr }).toMatchObject({ code: undisturbed.code });
  await expectSameFiles();
  await expectNothingPaidTwice(survival);
  await expectPrefixes(survival);
  return survival.code;
}

async function expectSameFiles(): Promise<void> {
  expect(await place.files()).toEqual(
    ["in.jsonl", "out.jsonl", "out.jsonl.failed.jsonl", ...JOURNAL_FILES].toSorted(),
  );
  for (const name of ["out.jsonl", "out.jsonl.failed.jsonl"]) {
    const [got, wanted] = [await place.read(name), await calm.place.read(name)];
    expect(wanted.length).toBeGreaterThan(0);
    // A difference of megabytes is no use to anyone: the first line that differs is.
    const lines = wanted.split("\n");
    const first = got.split("\n").findIndex((line, index) => line !== lines[index]);
    expect({ name, first, got: got.split("\n")[first] }).toEqual({ name, first: -1, got: undefined });
    expect(got === wanted).toBe(true);
  }
}

async function expectNothingPaidTwice({ kills, lost, seen }: Survival): Promise<void> {
  const journal = await inspectJournal(place.path(".parrot/journal.db"));
  const keys = Array.from(journal.records(), ({ key }) => key);
  const runs = journal.runs();
  journal.close();
  expect(new Set(keys).size).toBe(keys.length);
  expect(runs).toMatchObject([{ state: "finished", usage: { requests: keys.length } }]);
  const { entries } = await simulator.ledger();
  const bodies = Map.groupBy(entries, ({ bodyHash }) => bodyHash);
  const wanted = new Set((await calm.simulator.ledger()).entries.map(({ bodyHash }) => bodyHash));
  expect(new Set(bodies.keys())).toEqual(wanted);
  const cut = entries.filter(({ isCut }) => isCut).length;
  const repeated = entries.length - bodies.size;
  const inFlight = lost.reduce((sum, each) => sum + each, 0);
  expect(repeated).toBeLessThanOrEqual(inFlight);
  // What was answered and not yet on the disk is a part of it.
  expect(Math.max(0, ...lost)).toBeLessThanOrEqual(2 * CONCURRENCY);
  if (process.env["PARROT_KILLS"] !== undefined) {
    const figures = { kills, requests: entries.length, repeated, cut, inFlight, most: Math.max(...lost) };
    process.stdout.write(`${JSON.stringify({ ...figures, partials: seen.length })}\n`);
  }
}

async function expectPrefixes({ seen }: Survival): Promise<void> {
  const final: Record<string, string> = {
    "out.partial.jsonl": await place.read("out.jsonl"),
    "out.jsonl.failed.partial.jsonl": await place.read("out.jsonl.failed.jsonl"),
  };
  const wrong = seen.filter(({ name, content }) => final[name]?.startsWith(content) !== true);
  expect(wrong.map(({ name, content }) => ({ name, end: content.slice(-200) }))).toEqual([]);
}

describe("a run that is killed again and again comes to the same as one that is not", () => {
  const timeout = 60_000 + KILLS * 5000;

  it(
    `parrot text, ${KILLS} kills`,
    async () => {
      expect(await survive(["text", "in.jsonl", "--prompt", "Summarise: ${text}"])).toBe(3);
    },
    timeout,
  );

  it(
    `parrot data, ${KILLS} kills`,
    async () => {
      const pairs = ["--prompt", "Question and answer pairs: ${text}", "--keys", "question,answer"];
      expect(await survive(["data", "in.jsonl", ...pairs])).toBe(3);
    },
    timeout,
  );
});
