// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";
import { EXIT } from "../exit-code.ts";
import { withPage } from "./with-page.ts";

let simulator: Simulator;
let place: Workplace;

beforeAll(async () => {
  simulator = await startSimulator({
    faults: ({ body }) => (JSON.stringify(body).includes("never") ? { kind: "stall" } : undefined),
  });
  place = await Workplace.open(simulator);
  await place.write("in.jsonl", '{"text":"One"}\n');
  await place.write("stalled.jsonl", '{"text":"One"}\n{"text":"never"}\n');
});
afterAll(async () => {
  await place.close();
  await simulator.close();
});

const command = (input: string): string[] => [
  "text",
  input,
  "--prompt",
  "Say ${text}",
  "--model",
  "openai/sim",
  "-o",
  `${input}.out.jsonl`,
  "--ui",
];

describe("--ui", () => {
  it("a run with --ui says where its page is, which shows it and ends with it, also where it is killed", async () => {
    const child = place.start(command("stalled.jsonl"));
    let said = "";
    child.stderr?.on("data", (chunk) => (said += String(chunk)));
    await expect.poll(() => said, { timeout: 30_000 }).toMatch(/The run is shown at http\S+\n/);
    const [, origin, key, hash] = /(http:[^#]+)\/#key=([\w-]+)(\/run\/\d+)\n/.exec(said) ?? [];
    expect(hash).toBe("/run/1");
    const headers = { authorization: `Bearer ${key}` };
    const runs = async (): Promise<unknown> => (await fetch(`${origin}/api/runs`, { headers })).json();
    await expect.poll(runs).toMatchObject({ runs: [{ standing: "running", inputs: "stalled.jsonl" }] });
    child.kill("SIGKILL");
    await child.finished;
    await expect
      .poll(() => runs().catch(() => "the page has ended"), { timeout: 30_000 })
      .toBe("the page has ended");
  });

  it("a page that does not start is told, and the run goes on without it", async () => {
    await place.write(
      "no-page.cjs",
      'if (process.argv[2] === "ui") { process.stderr.write("parrot: no page today\\n"); process.exit(2); }',
    );
    place.environment["NODE_OPTIONS"] = `--require=${place.path("no-page.cjs")}`;
    const { code, stderr } = await place.run(...command("in.jsonl"));
    delete place.environment["NODE_OPTIONS"];
    expect([code, await place.read("in.jsonl.out.jsonl")]).toEqual([0, expect.stringContaining("One")]);
    // Where the run is over first, there is nobody left to be told.
    expect(stderr).not.toContain("The run is shown");
  });

  it("--ui without a journal is refused, as there would be nothing to show", async () => {
    let hasBegun = false;
    const refused = withPage({ journal: false }, () => {
      hasBegun = true;
      return Promise.resolve(EXIT.ok);
    });
    await expect(refused).rejects.toThrow("--ui shows what the journal has, and there is none");
    expect(hasBegun).toBe(false);
  });
});
