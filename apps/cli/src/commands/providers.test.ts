// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { providers } from "@parallel-parrot/providers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import stringWidth from "string-width";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";
import { fittingTable } from "./list-providers.ts";

let folder: string;
let simulator: Simulator;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-providers-"));
  simulator = await startSimulator();
  await writeFile(join(folder, "in.csv"), "review\nI love it.\n");
});
beforeEach(() => simulator.reset());
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const parrot = (parameters: string[], environment: Record<string, string> = {}): Promise<Finished> =>
  startParrot(parameters, environment, folder).finished;
const ASK = ["text", "in.csv", "--prompt", "Sentiment of: ${review}", "--to", "jsonl"];
const ask = (...parameters: string[]): string[] => [...ASK, "--no-journal", "--quiet", ...parameters];

describe("parrot providers", () => {
  it("parrot providers lists every provider of the registry, and which keys are set", async () => {
    const { code, stdout } = await parrot(["providers"], { ANTHROPIC_API_KEY: "secret-1", GROQ_API_KEY: "" });
    expect(code).toBe(0);
    for (const { name } of providers) expect(stdout).toMatch(new RegExp(`│ ${name} +│`));
    expect(stdout).toContain("ANTHROPIC_API_KEY (set)");
    expect(stdout).toContain("GROQ_API_KEY (not set)");
    expect(stdout).toContain("AZURE_OPENAI_ENDPOINT (not set)");
    // What has to be set, and not what may be.
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_REGION", "GOOGLE_CLOUD_PROJECT"])
      expect(stdout).toContain(`${name} (not set)`);
    expect(stdout).not.toMatch(/AWS_ENDPOINT_URL|GOOGLE_VERTEX_BASE_URL/);
    expect(stdout).not.toContain("secret-1");
  });

  it.each([60, 80, 110])(
    "the table of providers fits a terminal of %i columns, and says what it leaves out",
    (width) => {
      const lines = fittingTable(providers, width).split("\n");
      for (const line of lines.slice(0, -1)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.at(-1)).toMatch(/^A wider terminal, and --json, tell more: .*does not take$/);
    },
  );

  it("parrot providers --json tells the same, with no key's value in it", async () => {
    const { stdout } = await parrot(["providers", "--json"], { MISTRAL_API_KEY: "secret-2" });
    expect(stdout).not.toContain("secret-2");
    const listed: unknown = JSON.parse(stdout);
    expect(listed).toHaveLength(providers.length);
    expect(listed).toContainEqual({
      name: "mistral",
      displayName: "Mistral",
      nativeN: true,
      json: "schema",
      images: ["url", "data"],
      limits: "headers",
      params: expect.arrayContaining(["seed", "presencePenalty"]),
      needsKey: true,
      keyVariables: [{ name: "MISTRAL_API_KEY", isSet: true }],
      baseUrl: "https://api.mistral.ai/v1",
      placeVariables: [],
      baseUrlVariables: [],
    });
  });
});

describe("--model PROVIDER/MODEL", () => {
  it.each([
    ["anthropic", "ANTHROPIC_API_KEY"],
    ["gemini", "GEMINI_API_KEY"],
    ["openai-responses", "OPENAI_API_KEY"],
  ] as const)(
    "--model asks %s in its own dialect, with the key of its own variable",
    async (name, variable) => {
      const url = name === "openai-responses" ? simulator.urls.openai : simulator.urls[name];
      const run = await parrot(ask("--model", `${name}/sim`, "--base-url", url), {
        [variable]: simulator.apiKey,
      });
      expect(run).toMatchObject({
        code: 0,
        stderr: "",
        stdout: expect.stringMatching(/"output":"positive/i),
      });
      expect(simulator.ledger.entries).toMatchObject([{ model: "sim", keyIsRight: true, status: 200 }]);
    },
  );

  it("--model takes a model's name with slashes in it, and the key from a file", async () => {
    await writeFile(join(folder, "key.txt"), `${simulator.apiKey}\n`);
    const run = await parrot(
      ask("--model", "groq/openai/gpt-oss/20b", "--base-url", simulator.baseUrl, "--key-file", "key.txt"),
    );
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(simulator.ledger.entries).toMatchObject([{ model: "openai/gpt-oss/20b", keyIsRight: true }]);
  });

  it("--base-url asks any server that speaks OpenAI's API, with a key of its own or with none", async () => {
    const model = ["--model", "openai-compatible/small", "--base-url", simulator.baseUrl];
    const key = simulator.apiKey;
    await parrot(ask(...model), { OPENAI_API_KEY: key });
    const run = await parrot(ask(...model), { OPENAI_API_KEY: "other", OPENAI_COMPATIBLE_API_KEY: key });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    // A key of OpenAI's goes to OpenAI alone.
    expect(simulator.ledger.entries.map(({ keyIsRight }) => keyIsRight)).toEqual([false, true]);
    const lost = await parrot(ask("--model", "openai-compatible/small"));
    expect(lost.stderr).toMatch(/--base-url .*OPENAI_COMPATIBLE_BASE_URL/);
  });

  it("--reasoning-effort is sent in the dialect's own words", async () => {
    const effort = ["--reasoning-effort", "low", "--base-url", simulator.baseUrl];
    await parrot(ask("--model", "openai/sim", ...effort), { OPENAI_API_KEY: simulator.apiKey });
    await parrot(ask("--model", "openai-responses/sim", ...effort), { OPENAI_API_KEY: simulator.apiKey });
    expect(simulator.ledger.entries).toMatchObject([
      { body: { reasoning_effort: "low" } },
      { body: { reasoning: { effort: "low" } } },
    ]);
    const wrong = await parrot(ask("--model", "openai/sim", "--reasoning-effort", "some"));
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("none, minimal, low") });
  });

  it.each([
    ["antropic/claude", "did you mean anthropic?"],
    ["OpenAI/gpt-4.1-mini", "(did you mean openai?;"],
    ["google/gemini-3.8-flash", "did you mean gemini or vertex?"],
    ["aws/claude", "providers: openai, openai-responses, azure"],
    ["my-gateway/small", "openai-compatible/MODEL with --base-url"],
    ["gpt-4.1-mini", "names no provider"],
    ["openai/", "names no model"],
  ])("--model says of %s: %s", async (model, message) => {
    const { code, stderr } = await parrot(ask("--model", model));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain(model);
  });

  it("--model says what is missing of a provider that has no address of its own", async () => {
    const { code, stderr } = await parrot(ask("--model", "azure/my-deployment"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/Azure OpenAI .*--base-url.*AZURE_OPENAI_ENDPOINT/);
  });

  it("another --reasoning-effort asks again", async () => {
    const model = ["--model", "openai/sim", "--base-url", simulator.baseUrl];
    const once = [
      "text",
      "in.csv",
      "--prompt",
      "Sum up: ${review}",
      ...model,
      "-o",
      "out.csv",
      "--overwrite",
    ];
    const environment = { OPENAI_API_KEY: simulator.apiKey };
    await parrot(once, environment);
    await parrot([...once, "--reasoning-effort", "high"], environment);
    expect(simulator.ledger.received).toBe(2);
    const explained = await parrot(["explain", ...once, "--reasoning-effort", "max"], environment);
    expect(explained.stdout + explained.stderr).toContain("--reasoning-effort (high → max)");
    expect(await readFile(join(folder, "out.csv"), "utf8")).toMatch(/^review,output\n/);
  });
});

describe("parrot simulate", () => {
  it("parrot simulate tells the base URL of each API", async () => {
    const child = startParrot(["simulate", "--port", "0"], {}, folder);
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += String(chunk);
      if (said.includes("Ctrl-C ends it")) child.kill("SIGINT");
    });
    await child.finished;
    for (const name of Object.keys(simulator.urls)) {
      expect(said).toMatch(new RegExp(`--model ${name}/simulated +http://127\\.0\\.0\\.1:\\d+`));
    }
  });
});

describe("parameters of the command line", () => {
  const given = ["--presence-penalty", "-0.5", "--frequency-penalty", "0.25", "--end-user", "user-7"];
  const more = [...given, "--seed", "7", "--logit-bias", "1734=-100, 50256=5.5"];

  it("parameters of the command line are sent under the names that the API has for them", async () => {
    const key = { OPENAI_API_KEY: simulator.apiKey };
    const run = await parrot([...ask("--model", "openai/m", "--base-url", simulator.baseUrl), ...more], key);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(simulator.ledger.entries[0]?.body).toMatchObject({
      presence_penalty: -0.5,
      frequency_penalty: 0.25,
      logit_bias: { "1734": -100, "50256": 5.5 },
      user: "user-7",
      seed: 7,
    });
  });

  it("parameters of the command line that the API does not have are named before anything is sent", async () => {
    const url = simulator.urls.anthropic;
    const key = { ANTHROPIC_API_KEY: simulator.apiKey };
    const run = await parrot([...ask("--model", "anthropic/m", "--base-url", url), ...more], key);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stderr).toBe(
      "The API of anthropic has no parameter for --seed, --presence-penalty, --frequency-penalty, --logit-bias; requests are sent without\n",
    );
    expect(simulator.ledger.entries[0]?.body).toMatchObject({ metadata: { user_id: "user-7" } });
  });

  it.each(["1734", "1734=", "word=5", "1734=5,", "1734=five"])("refuse %s as a logit bias", async (bias) => {
    const run = await parrot(ask("--model", "openai/m", "--logit-bias", bias));
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("such as 1734=-100,50256=5");
  });
});
