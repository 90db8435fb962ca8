// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  startSimulator,
  type FaultRequest,
  type FaultScript,
  type Simulator,
} from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished, TEST_ENVIRONMENT } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;
let faults: FaultScript;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-refusals-"));
  faults = () => undefined;
  simulator = await startSimulator({ faults: (request) => faults(request) });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

async function parrot(...parameters: readonly string[]): Promise<Finished & { readonly asked: number }> {
  const before = simulator.ledger.received;
  const environment = {
    ...TEST_ENVIRONMENT,
    OPENAI_API_KEY: simulator.apiKey,
    OPENAI_BASE_URL: simulator.baseUrl,
  };
  const finished = await startParrot(parameters, environment, folder).finished;
  return { ...finished, asked: simulator.ledger.received - before };
}

const TEXT = ["text", "in.csv", "--prompt", "About lamp ${id}.", "--model", "openai/sim", "-o", "out.csv"];

async function writeRows(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, id) => `${id}\n`);
  await writeFile(join(folder, "in.csv"), `id\n${rows.join("")}`);
}

const idOf = ({ body }: FaultRequest): number => Number(/lamp (\d+)\./.exec(JSON.stringify(body))?.[1]);
const output = async (): Promise<readonly string[]> =>
  (await readFile(join(folder, "out.csv"), "utf8")).trim().split("\n");

describe("refusals of one row and of all", () => {
  it.each([
    [0, "the first row"],
    [7, "a later row"],
  ])(
    "a firewall that blocks row %d stops nothing: the row is named with the server's words (%s)",
    async (row) => {
      await writeRows(20);
      faults = (request) => (idOf(request) === row ? { kind: "blocked" } : undefined);
      const { code, stderr } = await parrot(...TEXT);
      expect(code).toBe(3);
      expect(stderr).toContain(`row ${row + 1} on line ${row + 2}, id "${row}" (BLOCKED)`);
      expect(stderr).toContain("you have been blocked");
      expect(await output()).toHaveLength(1 + 20);
    },
  );

  it("a run that a block of refused rows stopped in mid-run is resumed over it: a wrong key first, then a firewall", async () => {
    await writeRows(20);
    faults = ({ sequence }) => (sequence > 5 ? { kind: "status", status: 401 } : undefined);
    const stopped = await parrot(...TEXT, "--concurrency", "1");
    expect([stopped.code, stopped.stderr]).toEqual([4, expect.stringContaining("refused the API key")]);
    // The first row that is sent now is one that a firewall blocks: the answers of the journal tell it from a wrong key.
    faults = (request) => (idOf(request) === 5 ? { kind: "blocked" } : undefined);
    const resumed = await parrot("resume");
    expect([resumed.code, resumed.asked]).toEqual([3, 15 + 2]);
    expect(resumed.stderr).toContain('id "5" (BLOCKED)');
    expect(await output()).toHaveLength(1 + 20);
  });

  it("a server that refuses row after row with the same words stops the run, and resume asks the refused rows again", async () => {
    await writeRows(60);
    let isSuspended = true;
    faults = ({ sequence }) =>
      isSuspended && sequence > 10
        ? { kind: "status", status: 400, body: { error: { message: `Tenant suspended (${sequence})` } } }
        : undefined;
    const stopped = await parrot(...TEXT, "--concurrency", "4");
    expect(stopped.code).toBe(4);
    expect(stopped.stderr).toMatch(
      /The server refuses row after row with the same words.*--max-same-refusals sets their number.*Tenant suspended/,
    );
    expect(stopped.asked).toBeLessThanOrEqual(10 + 20 + 4 + 1);
    isSuspended = false;
    const resumed = await parrot("resume");
    expect([resumed.code, resumed.asked]).toEqual([0, 50]);
    expect(await output()).toHaveLength(1 + 60);
  });

  it("--max-same-refusals 0 lets every row be refused", async () => {
    await writeRows(60);
    faults = ({ sequence }) => (sequence > 10 ? { kind: "status", status: 400 } : undefined);
    const { code, stderr, asked } = await parrot(...TEXT, "--max-same-refusals", "0");
    expect([code, asked]).toEqual([3, 60]);
    expect(stderr).toContain("50 BAD_REQUEST");
  });
});
