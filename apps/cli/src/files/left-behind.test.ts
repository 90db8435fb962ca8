// @module-tag slow

import { setTimeout as sleep } from "node:timers/promises";
import { interrupt } from "../../fixtures/run-parrot.ts";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeAsOwner } from "../../fixtures/sign-again.ts";
import { JOURNAL_FILES, Workplace } from "../../fixtures/workplace.ts";

const COMMAND = [
  "text",
  "in.csv",
  "--prompt",
  "Sentiment of: ${review}",
  "--model",
  "openai/sim",
  "-o",
  "out.csv",
  "--concurrency",
  "5",
  "--quiet",
];
const ROWS = Array.from(
  { length: 100 },
  (_, id) => `${id},${id % 10 === 3 ? "[refused] " : ""}The lamp is number ${id}.\n`,
);

let simulator: Simulator;
let place: Workplace;
/** Whether rows that say so are refused. */
let refuses: boolean;
/** Whether answers never come from now on. */
let stalls: boolean;

beforeEach(async () => {
  [refuses, stalls] = [true, false];
  simulator = await startSimulator({
    faults: ({ body }) => {
      if (stalls) return { kind: "stall" };
      return refuses && JSON.stringify(body).includes("[refused]")
        ? { kind: "status", status: 400 }
        : undefined;
    },
  });
  place = await Workplace.open(simulator);
  await place.write("in.csv", `id,review\n${ROWS.join("")}`);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const FINISHED = ["in.csv", "out.csv", "out.csv.failed.jsonl", ...JOURNAL_FILES].toSorted();

/** Starts the program and ends it once answers do not come any more. */
async function cutOff(
  parameters: readonly string[],
  signal: NodeJS.Signals,
  after: number,
): Promise<number | null> {
  const most = simulator.ledger.received + after;
  const child = place.start(parameters);
  while (simulator.ledger.received < most) await sleep(5);
  stalls = true;
  await sleep(200);
  if (signal === "SIGINT") await interrupt(child);
  child.kill(signal);
  const { code } = await child.finished;
  stalls = false;
  return code;
}

/** What a kill between the naming of the files and the last word in the journal leaves. */
function forgetTheEnd(): void {
  change("UPDATE run SET state = 'running', manifest = json_remove(manifest, '$.result')");
}

function change(sql: string): void {
  changeAsOwner(place.path(".parrot/journal.db"), sql);
}

describe("the files of a run", () => {
  it("files of a run that was killed right after they got their names are known as its own", async () => {
    expect(await place.run(...COMMAND)).toMatchObject({ code: 3 });
    const [output, failed] = [await place.read("out.csv"), await place.read("out.csv.failed.jsonl")];
    forgetTheEnd();
    expect(await place.run("resume", "--quiet")).toMatchObject({ code: 3 });
    expect(simulator.ledger.received).toBe(ROWS.length);
    // Also when what goes on is killed in its turn, half-way.
    forgetTheEnd();
    change("DELETE FROM answer WHERE row = 50");
    stalls = true;
    expect(await cutOff(["resume", "--quiet"], "SIGKILL", 1)).toBe(null);
    expect(await place.run(...COMMAND)).toMatchObject({ code: 3 });
    expect([await place.read("out.csv"), await place.read("out.csv.failed.jsonl")]).toEqual([output, failed]);
    expect(await place.files()).toEqual(FINISHED);
  });

  it("files of a run are not mistaken for those of another folder", async () => {
    await place.makeFolder("a");
    await place.makeFolder("b");
    for (const folder of ["a", "b"]) await place.write(`${folder}/in.csv`, `id,review\n${ROWS.join("")}`);
    const there = (folder: string) => place.startIn(folder, [...COMMAND, "--journal", "../both.db"]).finished;
    expect(await there("a")).toMatchObject({ code: 3 });
    await place.write("b/out.partial.csv", "rows of mine");
    expect(await there("b")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("out.partial.csv holds"),
    });
  });

  it("a list of failed rows gets its name when it is complete", async () => {
    expect(await cutOff(COMMAND, "SIGINT", 60)).toBe(130);
    expect(await place.files()).toEqual(
      ["in.csv", "out.partial.csv", "out.csv.failed.partial.jsonl", ...JOURNAL_FILES].toSorted(),
    );
    expect(await cutOff(["resume", "--quiet"], "SIGKILL", 10)).toBe(null);
    expect(await place.run("resume", "--quiet")).toMatchObject({ code: 3 });
    expect(await place.files()).toEqual(FINISHED);
    const failed = await place.read("out.csv.failed.jsonl");
    expect(failed.trim().split("\n")).toHaveLength(10);

    refuses = false;
    expect(await cutOff(["retry-failed", "--quiet"], "SIGINT", 3)).toBe(130);
    expect(await place.read("out.csv.failed.jsonl")).toBe(failed);
    expect(await place.run("resume", "--quiet")).toMatchObject({ code: 0 });
    expect(await place.files()).toEqual(["in.csv", "out.csv", ...JOURNAL_FILES].toSorted());
  });
});
