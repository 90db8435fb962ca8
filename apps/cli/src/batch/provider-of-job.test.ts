// @module-tag slow

import { inspectJournal, type RunSummary, type StoredJob } from "@parallel-parrot/journal";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";
import { providerOfJob } from "./provider-of-job.ts";

const HEADER = "X-Team: red";

let simulator: Simulator;
let place: Workplace;
let job: StoredJob;
let run: RunSummary;

// One run that was begun with a key file, a header and an address of its own, and has left its job open.
beforeAll(async () => {
  simulator = await startSimulator({ batch: { runMs: 3_600_000 } });
  place = await Workplace.open(simulator);
  await place.write("key.txt", simulator.apiKey);
  await place.write("in.csv", ["id", ...Array.from({ length: 130 }, (_, row) => row), ""].join("\n"));
  place.environment["OPENAI_API_KEY"] = "";
  place.environment["OPENAI_BASE_URL"] = "";
  const command = ["text", "in.csv", "--prompt", "Say ${id}", "--model", "openai/sim", "-o", "out.csv"];
  const keys = ["--key-file", "key.txt", "--header", HEADER, "--base-url", simulator.baseUrl];
  const { code, stderr } = await place.run(...command, ...keys, "--batch", "--no-wait");
  if (code !== 4) throw new Error(`There is no open job: ${stderr}`);
  const journal = await inspectJournal(place.path(".parrot/journal.db"));
  const [[onlyJob], [onlyRun]] = [journal.batchJobs(), journal.runs()];
  journal.close();
  if (onlyJob === undefined || onlyRun === undefined) throw new Error("The journal has no job");
  job = onlyJob;
  run = { ...onlyRun, origin: "own" };
});
afterAll(async () => {
  await place.close();
  await simulator.close();
});

const flags = (given: { readonly keyFile?: string; readonly header?: readonly string[] } = {}) => ({
  journal: place.path(".parrot/journal.db"),
  keyFile: undefined,
  keyCommand: undefined,
  dotenv: undefined,
  header: undefined,
  ...given,
});
const all = () => flags({ keyFile: place.path("key.txt"), header: [HEADER] });

describe("the provider that a job is cancelled at", () => {
  it("is the one of its run, with the key file and the headers that are given now", async () => {
    const provider = await providerOfJob(job, [run], all());
    expect([provider.name, provider.model, provider.baseUrl]).toEqual(["openai", "sim", simulator.baseUrl]);
    const step = provider.batch?.get(job.remote ?? "");
    if (step === undefined) throw new Error("openai has batches");
    expect(step.request.headers).toMatchObject({ "X-Team": "red" });
    expect(await provider.batch?.authorize(step.request)).toEqual({
      authorization: `Bearer ${simulator.apiKey}`,
    });
  });

  it("is refused without the key file or the headers of the run, and the refusal says what to type", async () => {
    await expect(providerOfJob(job, [run], flags({ header: [HEADER] }))).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "--key-file",
      message: expect.stringMatching(/parrot batch cancel 1 .*--key-file \S*key\.txt --header/),
    });
    await expect(providerOfJob(job, [run], flags({ keyFile: place.path("key.txt") }))).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "--header",
      message: expect.stringMatching(
        /X-Team.*parrot batch cancel 1 .*--key-file \S*key\.txt --header \S*X-Team/,
      ),
    });
  });

  it.each(["foreign", "damaged"] as const)(
    "is refused where the run that made the job is %s, as its address may be a stranger's",
    async (origin) => {
      await expect(providerOfJob(job, [{ ...run, origin }], all())).rejects.toMatchObject({
        code: "JOURNAL_FOREIGN",
        message: expect.stringMatching(/was not begun by you .* Cancel batch_\w+ at openai itself/),
      });
    },
  );

  it("is refused where the journal has no such run", async () => {
    await expect(providerOfJob({ ...job, run: 7 }, [run], all())).rejects.toMatchObject({
      code: "JOURNAL_FOREIGN",
    });
  });

  it.each([
    ["another server", { url: "https://elsewhere.example.com/v1" }],
    ["another provider", { provider: "groq" }],
  ])(
    "is refused where the job was made at %s than its run asks, where the key is for",
    async (_, changes) => {
      await expect(providerOfJob({ ...job, ...changes }, [run], all())).rejects.toMatchObject({
        code: "JOURNAL_UNUSABLE",
        message: expect.stringContaining("where your key is for"),
      });
    },
  );
});
