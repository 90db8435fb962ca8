// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

const ROWS = 12;
/** A text that no terminal, browser or spreadsheet may obey. */
const HOSTILE = "<script>alert(1)</script>\u001b[31m\u202Egnp.exe";

let simulator: Simulator;
let place: Workplace;
let page: ReturnType<Workplace["start"]>;
let origin: string;
let headers: Record<string, string>;

beforeAll(async () => {
  simulator = await startSimulator({
    faults: ({ body }) => (JSON.stringify(body).includes("Say never") ? { kind: "stall" } : undefined),
  });
  place = await Workplace.open(simulator);
  const rows = Array.from({ length: ROWS }, (_, at) =>
    JSON.stringify({ id: at, text: at === 3 ? HOSTILE : `Item ${at}` }),
  );
  await place.write("in.jsonl", `${rows.join("\n")}\n`);
  await place.write("gone.jsonl", '{"text":"One"}\n{"text":"Two"}\n');
  // Run 1: as many tokens as some answers need and others do not.
  await place.run(
    "columns",
    "in.jsonl",
    "--keys",
    "label,why",
    "--prompt",
    "Rate: ${text}",
    "--model",
    "openai/sim",
    "--max-tokens",
    "13",
    "-o",
    "rated.jsonl",
  );
  // Run 2 stops on its way, and run 3 only looks.
  await place.run(
    "text",
    "in.jsonl",
    "--prompt",
    "About ${text}",
    "--model",
    "openai/sim",
    "-o",
    "about.jsonl",
    "--max-requests",
    "5",
  );
  await place.run("text", "in.jsonl", "--prompt", "Else ${text}", "--model", "openai/sim", "--preview", "2");
  // Run 4: its input changes afterwards. Run 5 has read standard input.
  await place.run(
    "text",
    "gone.jsonl",
    "--prompt",
    "About ${text}",
    "--model",
    "openai/sim",
    "-o",
    "gone.out.jsonl",
  );
  await place.write("gone.jsonl", '{"text":"One"}\n{"text":"Three"}\n');
  const piped = place.start([
    "text",
    "-",
    "--from",
    "jsonl",
    "--prompt",
    "About ${text}",
    "--model",
    "openai/sim",
    "-o",
    "piped.jsonl",
  ]);
  piped.stdin?.end('{"text":"One"}\n');
  await piped.finished;
  page = place.start(["ui"]);
  let said = "";
  const url = await new Promise<string>((resolve) => {
    page.stderr?.on("data", (chunk) => {
      said += String(chunk);
      const [found] = /http:\S+\n/.exec(said) ?? [];
      if (found !== undefined) resolve(found.trim());
    });
  });
  const { origin: at, hash } = new URL(url);
  origin = at;
  headers = { authorization: `Bearer ${hash.slice("#key=".length)}` };
});
afterAll(async () => {
  page.kill("SIGKILL");
  await page.finished;
  await place.close();
  await simulator.close();
});

// The answers are JSON of many shapes, which each test compares with what it expects.
const ask = async (path: string) =>
  JSON.parse(await (await fetch(`${origin}/api${path}`, { headers })).text());

/** What a run comes to, when its rows are read. */
async function overviewOf(run: number) {
  const overview = () => ask(`/runs/${run}/overview`);
  await expect
    .poll(overview)
    .toMatchObject({ reading: { state: expect.stringMatching(/^(?:read|refused)$/) } });
  return overview();
}

describe("parrot ui", () => {
  it("lists the runs of the folder with what they were, how they stand and what they took", async () => {
    const { journal, runs } = await ask("/runs");
    expect(journal).toBe(".parrot/journal.db");
    expect(runs).toMatchObject([
      {
        id: 1,
        kind: "run",
        standing: "finished",
        inputs: "in.jsonl",
        model: "openai/sim",
        prompt: "Rate: ${text}",
      },
      { id: 2, standing: "stopped", stopped: "BUDGET_EXHAUSTED", rows: 5 },
      { id: 3, kind: "preview" },
      { id: 4, standing: "finished", rows: 2 },
      { id: 5, standing: "finished", rows: 1 },
    ]);
    expect(runs[0].command).toMatch(/^parrot columns in\.jsonl .*--max-tokens 13/);
  });

  it("rows that failed in parsing are found by their code, with their raw answers, and the others with their outputs", async () => {
    const { states, failures, inputColumns, outputColumns } = await overviewOf(1);
    expect(states.failed).toBeGreaterThan(0);
    expect(states.answered).toBeGreaterThan(0);
    expect(states.failed + states.answered).toBe(ROWS);
    expect(failures).toMatchObject([{ code: "OUTPUT_TRUNCATED", rows: states.failed }]);
    expect([inputColumns, outputColumns]).toEqual([
      ["id", "text"],
      ["label", "why"],
    ]);
    const { rows } = await ask("/runs/1/rows?code=OUTPUT_TRUNCATED");
    expect(rows).toHaveLength(states.failed);
    const { prompt, attempts, failure, answer } = await ask(`/runs/1/row/${rows[0].place}`);
    expect(failure).toMatchObject({ code: "OUTPUT_TRUNCATED", stage: "parse" });
    expect(attempts[0]).toMatchObject({
      run: 1,
      status: 200,
      choices: [{ finishReason: "length", text: answer }],
    });
    expect(JSON.parse(attempts[0].body.text).choices[0].message.content).toBe(answer.text);
    expect(prompt.at(-1)).toEqual({
      role: "user",
      content: { text: expect.stringContaining("Rate: ") },
      images: 0,
    });
  });

  it("each row has the answer of its own in the output of the run", async () => {
    await overviewOf(1);
    const { rows } = await ask("/runs/1/rows?state=answered");
    const written = (await place.read("rated.jsonl"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const { number, output } of rows) {
      const row = written.find(({ id }) => id === number - 1);
      expect(output).toEqual({ label: row.label, why: row.why });
    }
  });

  it("what a model or an input says reaches the page as the text that it is", async () => {
    await overviewOf(1);
    expect((await ask("/runs/1/row/3")).input[1]).toEqual(["text", { text: HOSTILE }]);
    const { rows } = await ask(`/runs/1/rows?text=${encodeURIComponent("<SCRIPT>")}`);
    expect(rows.map(({ number }: { readonly number: number }) => number)).toEqual([4]);
  });

  it("a run that was stopped shows the rows that have no answer, and one that only looked does not", async () => {
    expect((await overviewOf(2)).states).toMatchObject({ answered: 5, missing: ROWS - 5 });
    expect((await overviewOf(3)).states).toMatchObject({ answered: 2, missing: 0 });
  });

  it("a run whose input has changed says so, and shows the answers that the journal has for its rows of now", async () => {
    const { reading, states } = await overviewOf(4);
    expect(reading.note).toContain("The input has changed since");
    expect(states).toMatchObject({ answered: 1, missing: 1 });
  });

  it("the rows of standard input cannot be read again, which the page says", async () => {
    expect((await overviewOf(5)).reading).toMatchObject({
      state: "refused",
      problem: "its input was standard input or a pipe, which can be read only once",
    });
  });

  it("rows that a person has labelled are exported with their labels, which parrot score reads", async () => {
    await overviewOf(2);
    const { rows } = await ask("/runs/2/rows?state=answered&limit=3");
    for (const [at, { place: row }] of rows.entries()) {
      const { answerId: answer } = await ask(`/runs/2/row/${row}`);
      const sent = await fetch(`${origin}/api/labels`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ answer, verdict: at === 0 ? "bad" : "good", note: `Note ${at}` }),
      });
      expect(sent.status).toBe(200);
    }
    expect(await place.files()).toContain(".parrot/journal.db.labels.jsonl");
    const file = await fetch(`${origin}/api/runs/2/export?format=csv&label=good`, { headers });
    await place.write("labelled.csv", await file.text());
    const labelled = (await place.read("labelled.csv")).trim().split(/\r?\n/);
    expect(labelled[0]).toBe("id,text,output,label,note");
    expect(labelled.slice(1)).toEqual(
      [1, 2].map((at) => expect.stringMatching(new RegExp(`,good,Note ${at}$`))),
    );
    const { code, stdout } = await place.run("score", "labelled.csv", "--against", "label");
    expect([code, stdout]).toEqual([0, expect.stringContaining("output against label: 2 rows")]);
  });

  it("no key and no secret is in anything that the page is told", async () => {
    const all = [
      await ask("/runs"),
      await overviewOf(1),
      await ask("/runs/1/rows"),
      await ask("/runs/1/row/0?whole=yes"),
    ];
    expect(JSON.stringify(all)).not.toContain(simulator.apiKey);
    expect(JSON.stringify(all)).not.toMatch(/authorization/i);
  });

  it("one failed row that is named is asked again by its number, and no other", async () => {
    const { states } = await overviewOf(1);
    const { rows } = await ask("/runs/1/rows?state=failed");
    const before = simulator.ledger.received;
    const response = await fetch(`${origin}/api/runs/1/ask-again`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ rows: [rows[0].number] }),
    });
    expect([response.status, await response.json()]).toEqual([200, {}]);
    const last = async () => (await ask("/runs")).runs.at(-1);
    await expect.poll(last).toMatchObject({ kind: "retry", standing: "finished" });
    expect(simulator.ledger.received - before).toBe(1);
    expect((await last()).failed).toBeGreaterThanOrEqual(states.failed - 1);
  });

  it("rows of a run that cannot be asked again are refused with what the command says", async () => {
    const response = await fetch(`${origin}/api/runs/3/ask-again`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: "{}",
    });
    expect([response.status, await response.json()]).toEqual([
      409,
      { error: expect.stringContaining("run 3 only looked (preview)") },
    ]);
  });

  it("what is run while the page is open comes up in it, and nothing is left behind", async () => {
    const before = await place.files();
    await place.run("retry-failed", "1", "--max-tokens", "200");
    const { runs } = await ask("/runs");
    expect(runs.at(-1)).toMatchObject({ id: 7, kind: "retry", standing: "finished", failed: 0 });
    expect((await overviewOf(7)).states).toMatchObject({ answered: ROWS, failed: 0 });
    expect((await place.files()).filter((name) => !before.includes(name) && !name.includes("rated"))).toEqual(
      [],
    );
  });
});

describe("parrot ui beside a run of another process", () => {
  it("how far a run is comes up while it goes on, and its course stays when it was killed", async () => {
    await place.write("stalled.jsonl", '{"text":"One"}\n{"text":"never"}\n');
    const child = place.start([
      "text",
      "stalled.jsonl",
      "--prompt",
      "Say ${text}",
      "--model",
      "openai/sim",
      "--max-requests",
      "9",
      "-o",
      "stalled.out.jsonl",
    ]);
    const last = async () => (await ask("/runs")).runs.at(-1);
    await expect.poll(last, { timeout: 30_000 }).toMatchObject({
      inputs: "stalled.jsonl",
      standing: "running",
      live: { done: 1, total: 2, inFlight: 1, failed: 0, budget: { maxRequests: 9 } },
    });
    const { id } = await last();
    child.kill("SIGKILL");
    await child.finished;
    expect(await last()).toMatchObject({ standing: "killed" });
    expect(await last()).not.toHaveProperty("live");
    expect(await ask(`/runs/${id}/course`)).toMatchObject({
      course: { done: expect.arrayContaining([1]), inFlight: expect.arrayContaining([1]) },
    });
    // A run that takes no second tells nothing, and takes away what the one before has left.
    expect(await place.files()).toContain(".parrot/journal.db-live");
    await place.run(
      "text",
      "gone.jsonl",
      "--prompt",
      "New ${text}",
      "--model",
      "openai/sim",
      "-o",
      "new.jsonl",
    );
    expect(await place.files()).not.toContain(".parrot/journal.db-live");
  });
});

describe("parrot ui and jobs of several steps", () => {
  it("each step of a run shows what it has asked and got, with the rows of the input that its own were made of", async () => {
    const steps = [
      { name: "draft", command: "text", prompt: "About ${text}", "output-key": "reply" },
      { name: "rewrite", command: "text", prompt: "Better ${reply}", "output-key": "better" },
    ];
    const job = { input: "in.jsonl", output: "steps.jsonl", model: "openai/sim", limit: 3, steps };
    await place.write("steps.json", JSON.stringify(job));
    expect((await place.run("run", "steps.json")).code).toBe(0);
    const { runs } = await ask("/runs");
    const [whole, later] = runs.slice(-2);
    expect([whole.kind, later.kind]).toEqual(["run", "step"]);
    expect(later).toMatchObject({
      step: { run: whole.id, name: "rewrite" },
      prompt: `Step rewrite of run ${whole.id}`,
    });
    expect(later).not.toHaveProperty("closed");
    expect(await overviewOf(whole.id)).toMatchObject({
      reading: {
        note: "Here is what step 1 of 2, draft, has asked and got; each step is listed as a run",
      },
      states: { answered: 3 },
      outputColumns: ["reply"],
    });
    expect(await overviewOf(later.id)).toMatchObject({
      reading: { note: expect.stringContaining("step 2 of 2, rewrite") },
      states: { answered: 3 },
      inputColumns: ["id", "text", "reply"],
      outputColumns: ["better"],
    });
    const written = (await place.read("steps.jsonl")).trim().split("\n");
    const [first, second] = (await ask(`/runs/${later.id}/rows?min-origin=2`)).rows;
    expect([first.number, first.origin]).toEqual([2, 2]);
    expect(JSON.parse(written[2] ?? "")).toMatchObject({
      reply: second.input.reply,
      better: second.output.better,
    });
    const { prompt, attempts } = await ask(`/runs/${later.id}/row/${first.place}`);
    expect(prompt.at(-1).content.text).toBe(`Better ${first.input.reply}`);
    expect(attempts).toMatchObject([{ run: later.id, status: 200 }]);
  });
});

describe("parrot ui where there is nothing to show", () => {
  it("a folder without a journal, and one that is not there, are told before a page is served", async () => {
    await place.makeFolder("empty");
    const none = await place.run("ui", "empty");
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining("There is no journal .parrot/journal.db"),
    ]);
    const missing = await place.run("ui", "nowhere");
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("there is no such folder")]);
  });

  it("a port that is taken is told with what to do", async () => {
    const taken = await place.run("ui", "--port", new URL(origin).port);
    expect([taken.code, taken.stderr]).toEqual([
      2,
      expect.stringContaining("is in use; leave --port out to take a free one"),
    ]);
  });
});
