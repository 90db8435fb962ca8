// @module-tag slow

import { onRequest, startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;
beforeEach(async () => {
  // The run of the first test has to ask one row twice.
  simulator = await startSimulator({ faults: onRequest([7], { kind: "status", status: 500 }) });
  place = await Workplace.open(simulator);
  await place.write("in.csv", `id\n${Array.from({ length: 30 }, (_, at) => at).join("\n")}\n`);
  await place.write("p.txt", "Sort this:\n${id}\n");
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const TEXT = ["text", "in.csv", "--model", "openai/sim", "--prompt", "About ${id}", "-o", "out.csv"];

describe("parrot journal show", () => {
  it("journal show tells previews, estimates, retries and runs apart, with rows, prompt, time and money", async () => {
    const price = ["--price", "input=1,output=2"];
    await place.run(...TEXT, "--preview", "2");
    await place.run("estimate", ...TEXT, "--ask", "--look-at", "3");
    const file = ["text", "in.csv", "--model", "openai/sim", "--prompt-file", "p.txt", "-o", "out.csv"];
    const { stderr } = await place.run(...file, "--limit", "4", ...price);
    expect(stderr).toContain("\n5 requests, ");
    const { stdout } = await place.run("journal", "show");
    const [preview, estimate, run] = stdout.split("\n\n");
    expect(preview).toMatch(
      /^1 {2}preview, finished .*\n {3}text in\.csv\n {3}openai\/sim: About \$\{id\}\n/,
    );
    expect(estimate).toMatch(/^2 {2}estimate, finished /);
    expect(run).toMatch(
      /^3 {2}run, finished .*, took \d+\.\d s\n {3}text in\.csv \(--limit 4\) → out\.csv\n {3}openai\/sim: Sort this: …\n {3}4 rows answered, 0 failed; 5 requests, \$0\.\d+$/,
    );
    const { runs } = JSON.parse((await place.run("journal", "show", "--json")).stdout);
    expect(runs).toMatchObject([{ kind: "preview" }, { kind: "estimate" }, { kind: "run" }]);
  });

  it("a run that was refused before its first answer is shown as that, and a bare resume does not take it", async () => {
    await place.run(...TEXT, "--max-requests", "5");
    place.environment["OPENAI_API_KEY"] = "wrong";
    const refused = await place.run(...TEXT.with(5, "Other ${id}").with(7, "other.csv"));
    expect(refused.code).toBe(2);
    place.environment["OPENAI_API_KEY"] = simulator.apiKey;
    const { stdout } = await place.run("journal", "show");
    expect(stdout).toMatch(/^1 {2}run, stopped /);
    expect(stdout).toMatch(/\n2 {2}run, refused .*\n[^]*\n {3}0 rows answered, 0 failed \(AUTHENTICATION\)/);
    const resumed = await place.run("resume", "--max-requests", "100");
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain("Going on with run 1: ");
    const none = await place.run("resume");
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("or was refused before its first")]);
    // By its number it is taken: the key may be right by now.
    expect((await place.run("resume", "2")).code).toBe(0);
  });

  it("resume and retry-failed do not take a preview or an estimate, and print the command that writes all rows", async () => {
    await place.run(...TEXT, "--preview", "2");
    const bare = await place.run("resume");
    expect(bare.code).toBe(2);
    const named = await place.run("resume", "1");
    expect(named.code).toBe(2);
    expect(named.stderr).toContain(
      "run 1 only looked (preview); the command that writes all rows is parrot text",
    );
    expect(named.stderr).not.toContain("--preview");
    expect(simulator.ledger.received).toBe(2);
  });
});
