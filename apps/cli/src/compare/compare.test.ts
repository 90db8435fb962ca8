// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator({
    models: ["small", "large"],
    answer: ({ model, messages }) => {
      const text = JSON.stringify(messages);
      const label = model === "large" && text.includes("tent") ? "bad" : "Good.";
      return text.includes("reason") ? JSON.stringify({ label, reason: `says ${model}` }) : label;
    },
    faults: ({ body }) =>
      /"large".*refuse/.test(JSON.stringify(body)) ? { kind: "contentFilter", at: "prompt" } : undefined,
  });
  place = await Workplace.open(simulator);
  await place.write("in.csv", "id,name\n1,kettle\n2,tent\n3,lamp\n");
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = ["--prompt", "About ${name}", "--model", "openai/small"];
const BOTH = [...ASK, "--model", "openai/large"];

describe("several models side by side", () => {
  it("a second --model adds a column of its own, and the end tells what each took and how often they agree", async () => {
    const { code, stderr } = await place.run("text", "in.csv", ...BOTH, "-o", "out.csv");
    expect(code).toBe(0);
    expect(await place.read("out.csv")).toBe(
      "id,name,output@small,output@large\n1,kettle,Good.,Good.\n2,tent,Good.,bad\n3,lamp,Good.,Good.\n",
    );
    expect(stderr).toContain("3 rows, each asked of 2 models\n");
    expect(stderr).toContain("6 rows answered, 3 rows in out.csv");
    expect(stderr).toMatch(
      /\nmodel +requests +input +output +median time +95 % in\nopenai\/small +3 +\d+ +\d+ +\d+ ms +\d+ ms\nopenai\/large +3 /,
    );
    expect(stderr).toContain("output: small and large agree in 2 of 3 rows (66.7 %, kappa 0.00)");
  });

  it("--price-of gives each of several models at another address the price of a model of the list", async () => {
    const asked = ["text", "in.csv", ...BOTH];
    const prices = ["openai/small=openai/gpt-4.1-mini", "openai/large=openai/gpt-4.1"];
    const given = prices.flatMap((price) => ["--price-of", price]);
    const { stderr } = await place.run(...asked, ...given, "--max-cost", "1");
    expect(stderr).toMatch(/\nmodel .* cost .*\nopenai\/small .*\$0\.\d+ .*\nopenai\/large .*\$0\.\d+ /);
    expect(stderr).not.toContain("price of a model is not known");
    const estimated = await place.run(
      "estimate",
      ...asked,
      "--fresh",
      ...given,
      "--output-tokens",
      "9",
      "--json",
    );
    expect(JSON.parse(estimated.stdout)).toMatchObject({ cost: { includesOutput: true } });
    const unnamed = await place.run(...asked, "--price-of", "openai/gpt-4.1");
    expect(unnamed.stderr).toContain("name it: --price-of openai/small=openai/gpt-4.1");
    const unknown = await place.run(...asked, "--price-of", "openai/huge=openai/gpt-4.1");
    expect(unknown.stderr).toContain('"openai/huge" a price: asked are openai/small, openai/large');
  });

  it("--compare asks the same as a second --model, and nothing that one of the models was asked before", async () => {
    await place.run("text", "in.csv", ...ASK, "-o", "one.csv");
    const { stderr } = await place.run("text", "in.csv", ...ASK, "--compare", "openai/large", "-o", "a.csv");
    expect(stderr).toMatch(/^6 rows answered, .*, 3 found in the journal, /m);
    const again = await place.run("text", "in.csv", ...BOTH, "-o", "a.csv");
    expect(again.stderr).toContain("Nothing to do");
  });

  it("--compare-as rows has a row for each model, with its name", async () => {
    const line = ["text", "in.csv", ...BOTH, "--compare-as", "rows", "--columns", "id", "-o", "rows.csv"];
    const { stderr } = await place.run(...line);
    expect(await place.read("rows.csv")).toBe(
      "id,model,output\n1,openai/small,Good.\n1,openai/large,Good.\n2,openai/small,Good.\n2,openai/large,bad\n3,openai/small,Good.\n3,openai/large,Good.\n",
    );
    expect(stderr).toContain("agree in 2 of 3 rows");
  });

  it("rows of compared models have the number of the row of the input in messages, lists, lineage and explanations", async () => {
    await place.write("bad.csv", "name\nkettle\nrefuse\n");
    const line = ["text", "bad.csv", ...BOTH, "--compare-as", "rows", "--lineage", "-o", "rows.csv"];
    const shown = await place.run(...line, "--preview", "2");
    expect(shown.stdout).toMatch(/row 2 on line 3\n  name +refuse\n  model +openai\/large/);
    const explained = await place.run("explain", ...line, "--fresh");
    expect(explained.stdout).toContain("4 asked again, as --fresh says: rows 1, 2\n");
    const { stderr } = await place.run(...line);
    expect(stderr).toContain('row 2 on line 3, name "refuse", asked of openai/large (');
    expect(JSON.parse(await place.read("rows.csv.failed.jsonl"))).toMatchObject({ row: 1, line: 3 });
    expect(await place.read("rows.csv")).toMatch(
      /^.*\nkettle,openai\/small,Good\.,0,.*\nkettle,.*,0,.*\nrefuse,openai\/small,Good\.,1,/,
    );
    const other = await place.run("retry-failed", "--row", "4");
    expect(other.stderr).toContain("1 failed row not asked again: neither --row nor --code names them");
    const { stderr: again } = await place.run("retry-failed", "--row", "2");
    expect(again).toMatch(/^1 request, /m);
  });

  it("lists of several models come as rows, and --compare-as columns is refused for them", async () => {
    const keys = [
      "--prompt",
      "About ${name}, with reason",
      "--model",
      "openai/small",
      "--model",
      "openai/large",
    ];
    const line = ["data", "in.csv", ...keys, "--keys", "label,reason"];
    const { stdout } = await place.run(...line);
    expect(stdout.split("\n").slice(0, 3)).toEqual([
      "id,name,model,label,reason",
      "1,kettle,openai/small,Good.,says small",
      "1,kettle,openai/large,Good.,says large",
    ]);
    const refused = await place.run(...line, "--compare-as", "columns");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("parrot data asks for lists") });
  });

  it("a row that one model fails keeps the answer of the other, in columns with types", async () => {
    await place.write("bad.csv", "name\nkettle\nrefuse\n");
    const asked = [
      "--prompt",
      "About ${name}, with reason",
      "--model",
      "openai/small",
      "--model",
      "openai/large",
    ];
    const line = ["columns", "bad.csv", ...asked, "--keys", "label,reason"];
    const { code, stderr } = await place.run(...line, "-o", "out.jsonl");
    expect(code).toBe(3);
    expect(
      (await place.read("out.jsonl"))
        .trim()
        .split("\n")
        .map((row): unknown => JSON.parse(row)),
    ).toEqual([
      {
        name: "kettle",
        "label@small": "Good.",
        "label@large": "Good.",
        "reason@small": "says small",
        "reason@large": "says large",
      },
      {
        name: "refuse",
        "label@small": "Good.",
        "label@large": null,
        "reason@small": "says small",
        "reason@large": null,
      },
    ]);
    expect(stderr).toContain("label: small and large agree in 1 of 1 row (100.0 %)");
    expect((await place.run(...line, "-o", "out.parquet")).code).toBe(3);
  });

  it("--limit and --sample count the rows of the input, each of which all models are asked", async () => {
    const limited = await place.run("text", "in.csv", ...BOTH, "--limit", "2", "--offset", "1");
    expect(limited.stdout).toBe("id,name,output@small,output@large\n2,tent,Good.,bad\n3,lamp,Good.,Good.\n");
    expect(limited.stderr).toContain("2 of 3 rows are selected");
    const drawn = await place.run("text", "in.csv", ...BOTH, "--sample", "1");
    expect(drawn.stdout.trim().split("\n")).toHaveLength(2);
    const previewed = await place.run("text", "in.csv", ...BOTH, "--preview", "1");
    expect(previewed.stdout).toMatch(/openai\/small .*Good\.[^]*openai\/large .*Good\./);
  });

  it("a run of several models goes on from the journal, and estimate and explain know all of them", async () => {
    const line = ["text", "in.csv", ...BOTH, "-o", "out.csv"];
    const estimated = await place.run("estimate", ...line);
    expect(estimated).toMatchObject({ code: 0, stdout: expect.stringContaining("6 rows") });
    await place.run(...line, "--max-requests", "2");
    const explained = await place.run("explain", ...line);
    expect(explained.stdout).toContain("2 answered, 4 to be asked");
    const { code } = await place.run("resume", "--max-requests", "100");
    expect(code).toBe(0);
    expect((await place.read("out.csv")).split("\n")[2]).toBe("2,tent,Good.,bad");
    expect(simulator.stats().requests).toBe(6);
  });

  it("retry-failed asks the model again that failed a row, and takes no other in its place", async () => {
    await place.write("bad.csv", "name\nkettle\nrefuse\n");
    await place.run("text", "bad.csv", ...BOTH, "-o", "out.csv");
    const other = await place.run("retry-failed", "--all", "--model", "openai/small");
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("compares models") });
    const { requests } = simulator.stats();
    expect(await place.run("retry-failed", "--all")).toMatchObject({ code: 3 });
    expect(simulator.stats().requests).toBe(requests + 1);
    expect(await place.read("out.csv")).toBe(
      "name,output@small,output@large\nkettle,Good.,Good.\nrefuse,Good.,\n",
    );
  });

  it.each([
    [["--compare", "openai/small"], "openai/small is named twice"],
    [["--compare", "nobody/large"], 'there is no provider "nobody"'],
    [["--compare-as", "rows"], "one model is asked"],
    [["--model", "openai/large", "--lineage"], "--compare-as rows makes a row of each"],
    [["--model", "openai/large", "--on-failure", "drop"], "--compare-as rows makes a row of each"],
    [["--model", "openai/large", "--output-key", "name"], 'already has a column "name"'],
    [["--model", "anthropic/x", "--base-url", "http://127.0.0.1:1/v1"], "it is for one provider"],
  ])("the options %j are refused before anything is asked", async (options, message) => {
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, ...options);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(simulator.stats().requests).toBe(0);
  });
});
