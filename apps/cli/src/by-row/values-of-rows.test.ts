// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator({ models: ["gpt-4.1-mini", "gpt-4.1", "sim"] });
  place = await Workplace.open(simulator);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = ["--prompt", "Sum up: ${review}"];
const ROWS =
  "review,model,warm,cap\nkettle,gpt-4.1-mini,0.1,50\ntent,gpt-4.1,,60\nlamp,gpt-4.1-mini,0.9,70\n";

interface Sent {
  readonly model: string;
  readonly temperature?: number;
  readonly max_tokens?: number;
}
const sent = (): readonly Sent[] => simulator.ledger.entries.map(({ body }) => body as Sent);

describe("models and parameters that rows give themselves", () => {
  it("each row is asked of its own model with its own parameters, and each model is told at the end", async () => {
    await place.write("in.csv", ROWS);
    const own = ["--model", "openai/${model}", "--temperature", "${warm}", "--max-tokens", "${cap}"];
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, ...own, "-o", "out.csv");
    expect(stderr).toContain("3 rows answered");
    expect(code).toBe(0);
    const bodies = sent().map(({ model, temperature, max_tokens: cap }) => [model, temperature, cap]);
    expect(bodies.toSorted((one, other) => Number(one[2]) - Number(other[2]))).toEqual([
      ["gpt-4.1-mini", 0.1, 50],
      ["gpt-4.1", undefined, 60],
      ["gpt-4.1-mini", 0.9, 70],
    ]);
    expect(stderr).toMatch(/\nopenai\/gpt-4\.1-mini +2 +\d+ +\d+ /);
    expect(stderr).toMatch(/\nopenai\/gpt-4\.1 +1 +\d+ /);
    // The same command asks nothing again, and neither does one that names a row's model itself.
    const again = await place.run("text", "in.csv", ...ASK, ...own, "-o", "out.csv", "--overwrite");
    expect(again.stderr).toMatch(/^3 rows answered, .*, 3 found in the journal, /m);
    const alone = ["--model", "openai/gpt-4.1", "--max-tokens", "60", "--where", 'model == "gpt-4.1"'];
    const one = await place.run("text", "in.csv", ...ASK, ...alone, "-o", "one.csv");
    expect(one.stderr).toMatch(/^1 row answered, .*, 1 found in the journal, /m);
    expect(simulator.ledger.received).toBe(3);
  });

  it.each([
    [
      ["--model", "openai/sim", "--temperature", "${review}"],
      `Cannot take a model or parameter from row 1 on line 2: for --temperature '\${review}', "kettle" cannot be used`,
    ],
    [
      ["--model", "openai/sim", "--max-tokens", "${capp}"],
      'Cannot use --max-tokens \'${capp}\': Cannot fill the template: no column "capp" (did you mean "cap"?)',
    ],
    [
      ["--model", "${model}"],
      `Cannot take a model or parameter from row 1 on line 2: for --model '\${model}', "gpt-4.1-mini" cannot be used: Cannot tell which model to ask`,
    ],
    [["--model", "local/${model}"], "a file with a model is named on the command line, and not by a row"],
    [["--model", "openai/sim", "--seed", "${"], "Cannot use --seed '${'"],
  ])("what rows cannot give is refused before anything is sent: %j", async (options, message) => {
    await place.write("in.csv", ROWS);
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, ...options, "-o", "out.csv");
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(simulator.ledger.received).toBe(0);
  });

  it("an address, a key or a price is not used for models of several providers", async () => {
    await place.write("in.csv", "review,model\nkettle,openai/sim\ntent,groq/sim\n");
    const { code, stderr } = await place.run(
      "text",
      "in.csv",
      ...ASK,
      "--model",
      "${model}",
      "--base-url",
      simulator.baseUrl,
    );
    expect(stderr).toContain(
      "Cannot use --base-url with --model '${model}': the rows name models of openai and groq, and it is for one provider",
    );
    expect(code).toBe(2);
  });

  it("from standard input a parameter of a row is checked when it is asked, and a model of a row is refused", async () => {
    const piped = async (...options: readonly string[]) => {
      const child = place.start(["text", "-", "--from", "csv", ...ASK, ...options, "-o", "out.csv"]);
      child.stdin?.end("review,model,warm\nkettle,sim,0.1\ntent,sim,hot\n");
      return child.finished;
    };
    const model = await piped("--model", "openai/${model}");
    expect(model.stderr).toContain("the models have to be known before the first request");
    const warm = await piped("--model", "openai/sim", "--temperature", "${warm}");
    expect(warm.code).toBe(3);
    expect(warm.stderr).toContain("INVALID_PARAMETER");
    expect(simulator.ledger.received).toBe(1);
  });

  it("only rows that are asked have to name a model", async () => {
    await place.write("in.csv", `${ROWS}nothing,,,\n`);
    const { code } = await place.run("text", "in.csv", ...ASK, "--model", "openai/${model}", "--limit", "3");
    expect(code).toBe(0);
  });

  it("an estimate counts each row at the price of its model", async () => {
    await place.write("in.csv", ROWS);
    place.environment["OPENAI_BASE_URL"] = "";
    const options = ["--model", "openai/${model}", "--max-tokens", "${cap}"];
    const { code, stdout } = await place.run("estimate", "text", "in.csv", ...ASK, ...options);
    expect(stdout).toContain("each row at the price of its model");
    expect(code).toBe(0);
  });

  it("a retry and explain find the answers of a run whose rows name their models", async () => {
    await place.write("in.csv", ROWS);
    const own = ["--model", "openai/${model}", "--temperature", "${warm}"];
    await place.run("text", "in.csv", ...ASK, ...own, "-o", "out.csv");
    const explained = await place.run("explain", "text", "in.csv", ...ASK, ...own);
    expect(explained.stdout).toContain("3 rows");
    expect(explained.stdout).not.toContain("new");
    await place.write("in.csv", `${ROWS}rope,sim,0.2,80\n`);
    const more = await place.run("text", "in.csv", ...ASK, ...own, "-o", "out.csv");
    expect(more.stderr).toMatch(/^4 rows answered, .*, 3 found in the journal, /m);
  });
});
