// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;
let faults: FaultScript = () => undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-streamed-"));
  simulator = await startSimulator({ faults: (request) => faults(request) });
  await writeFile(join(folder, "in.csv"), "row\na\nb\nc\n");
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const ROWS = 3;
const PROMPT = "Say ${row}";

/** Runs a command, and tells how many requests it sent. */
async function parrot(...parameters: string[]): Promise<Finished & { readonly asked: number }> {
  const before = simulator.ledger.received;
  const variables = {
    OPENAI_API_KEY: simulator.apiKey,
    AWS_BEARER_TOKEN_BEDROCK: "none",
    AWS_REGION: "eu-central-1",
  };
  const finished = await startParrot(parameters, variables, folder).finished;
  return { ...finished, asked: simulator.ledger.received - before };
}

const text = (output: string, ...more: string[]): ReturnType<typeof parrot> =>
  parrot(
    "text",
    "in.csv",
    "--prompt",
    `${PROMPT} for ${output}`,
    "--model",
    "openai/sim",
    "--base-url",
    simulator.baseUrl,
    "-o",
    output,
    ...more,
  );

describe("parrot text with answers in another form", () => {
  it("parrot asks for streams with --stream, and the answers are those of a run without it", async () => {
    const streamed = await text("one.csv", "--stream");
    expect(streamed).toMatchObject({ code: 0, asked: ROWS });
    expect(JSON.stringify(simulator.ledger.entries.at(-1)?.body)).toContain('"stream":true');
    expect(streamed.stderr).not.toContain("Answers were streamed");
    const output = await readFile(join(folder, "one.csv"), "utf8");
    expect(await text("one.csv")).toMatchObject({ code: 0, asked: 0 });
    expect(await readFile(join(folder, "one.csv"), "utf8")).toBe(output);
  });

  it("parrot asks for streams by itself where the server demands it, and tells it once", async () => {
    faults = () => ({ kind: "streamOnly", message: "This model only support stream mode" });
    const demanded = await text("two.csv");
    expect(demanded).toMatchObject({ code: 0, asked: ROWS + 1 });
    expect(demanded.stderr.match(/Answers were streamed/g)).toHaveLength(1);
    faults = () => undefined;
    expect(await text("two.csv")).toMatchObject({ code: 0, asked: 0 });
  });

  it("parrot goes on streamed with a streamed run that stopped", async () => {
    faults = ({ body }) => (JSON.stringify(body).includes("Say c") ? { kind: "noCredit" } : undefined);
    expect((await text("three.csv", "--concurrency", "1")).code).toBe(4);
    faults = () => undefined;
    expect(await parrot("resume", "--stream")).toMatchObject({ code: 0, asked: 1 });
    expect(JSON.stringify(simulator.ledger.entries.at(-1)?.body)).toContain('"stream":true');
  });

  it("parrot reads answers that are wrapped once more, and tells it once", async () => {
    faults = () => ({ kind: "wrapped", form: "result" });
    const { code, stderr } = await text("four.csv");
    faults = () => undefined;
    expect(code).toBe(0);
    expect(stderr.match(/The server wraps each answer in a field "result"/g)).toHaveLength(1);
  });

  it("parrot says of an API whose streams are not read that it cannot take --stream", async () => {
    const finished = await parrot("text", "in.csv", "--prompt", PROMPT, "--model", "bedrock/m", "--stream");
    expect(finished).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Cannot stream answers of Amazon Bedrock") as string,
    });
  });
});
