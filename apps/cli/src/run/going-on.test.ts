// @module-tag slow

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  startSimulator,
  type FaultScript,
  type Simulator,
  type SimulatorOptions,
} from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { interrupt, startParrot, type Finished, TEST_ENVIRONMENT } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;
let faults: FaultScript;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-going-on-"));
  faults = () => undefined;
  await simulate({});
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

async function simulate(options: SimulatorOptions): Promise<void> {
  simulator = await startSimulator({ ...options, faults: (request) => faults(request) });
}

const environment = (): Record<string, string> => ({
  OPENAI_API_KEY: simulator.apiKey,
  OPENAI_BASE_URL: simulator.baseUrl,
});
const start = (...parameters: readonly string[]): ReturnType<typeof startParrot> =>
  startParrot(parameters, environment(), folder);
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
const lines = async (name: string): Promise<string[]> => (await read(name)).trim().split("\n");

/** Runs the program; tells also how many requests it sent. */
async function parrot(...parameters: readonly string[]): Promise<Finished & { asked: number }> {
  const before = simulator.ledger.received;
  const finished = await start(...parameters).finished;
  return { ...finished, asked: simulator.ledger.received - before };
}

const PROMPT = ["--prompt", "Sentiment of: ${review}", "--model", "openai/sim"];
const TEXT = ["text", "in.csv", ...PROMPT, "-o", "out.csv"];

async function writeRows(count: number, change: (id: number) => string = reviewOf): Promise<void> {
  const rows = Array.from({ length: count }, (_, id) => `${id},${change(id)}\n`);
  await writeFile(join(folder, "in.csv"), `id,review\n${rows.join("")}`);
}

/** The number that this finds in a summary; 0 where it finds none. */
const numberIn = (summary: string, pattern: RegExp): number =>
  Number(pattern.exec(summary)?.[1]?.replace(",", "") ?? 0);

const reviewOf = (id: number): string => `The lamp number ${id} is good. I like it.`;
const asks = (body: unknown, id: number): boolean => JSON.stringify(body).includes(`number ${id} `);

describe("the same command again", () => {
  it("the same command asks nothing when it is finished, and writes an output that was removed", async () => {
    await writeRows(20);
    const first = await parrot(...TEXT);
    expect([first.code, first.asked]).toEqual([0, 20]);
    const output = await read("out.csv");
    const second = await parrot(...TEXT);
    expect([second.code, second.asked, second.stderr]).toEqual([
      0,
      0,
      "Nothing to do: 20 rows were answered before, and out.csv has 20 rows. --overwrite writes them again, --fresh asks again\n",
    ]);
    await rm(join(folder, "out.csv"));
    const third = await parrot(...TEXT);
    expect([third.code, third.asked, await read("out.csv")]).toEqual([0, 0, output]);
    expect(third.stderr).toMatch(/^20 rows answered, .*, 20 found in the journal, /m);
  });

  it("the same command asks for new and changed rows only, and replaces the output it wrote", async () => {
    await writeRows(10);
    await parrot(...TEXT);
    await writeRows(12, (id) => (id === 3 ? "Terrible. It broke." : reviewOf(id)));
    const { code, asked } = await parrot(...TEXT);
    expect([code, asked]).toEqual([0, 3]);
    expect((await lines("out.csv"))[4]).toMatch(/^3,Terrible\. It broke\.,negative$/i);
    expect(await lines("out.csv")).toHaveLength(13);
  });

  it("the same command refuses to replace an output that somebody changed", async () => {
    await writeRows(3);
    await parrot(...TEXT);
    await writeFile(join(folder, "out.csv"), "mine\n");
    await writeRows(4);
    const { code, asked, stderr } = await parrot(...TEXT);
    expect([code, asked, await read("out.csv")]).toEqual([2, 0, "mine\n"]);
    expect(stderr).toContain("out.csv: it exists");
  });

  it("the same questions with another output, format, validation or column send nothing", async () => {
    await writeRows(10);
    await parrot(...TEXT);
    const other = await parrot(
      "text",
      "in.csv",
      ...PROMPT,
      "-o",
      "out.jsonl",
      "--output-key",
      "mood",
      "--lineage",
    );
    expect([other.code, other.asked]).toEqual([0, 0]);
    expect(JSON.parse((await lines("out.jsonl"))[0] ?? "")).toMatchObject({
      id: "0",
      mood: expect.any(String),
      _row: 0,
    });
  });

  it("the same command asks everything with --fresh, each time that it is typed", async () => {
    await writeRows(5);
    await parrot(...TEXT);
    expect((await parrot(...TEXT, "--fresh")).asked).toBe(5);
    expect((await parrot(...TEXT, "--fresh")).asked).toBe(5);
    expect((await parrot(...TEXT)).asked).toBe(0);
  });

  it("the same command reads standard input again, and finds its answers", async () => {
    const run = async (): Promise<{ stdout: string; asked: number }> => {
      const before = simulator.ledger.received;
      const child = start("text", "-", "--from", "jsonl", ...PROMPT);
      child.stdin?.end('{"review":"I love it."}\n{"review":"It broke."}\n');
      const { stdout } = await child.finished;
      return { stdout, asked: simulator.ledger.received - before };
    };
    const first = await run();
    expect([first.asked, first.stdout.split("\n").length]).toEqual([2, 3]);
    expect(await run()).toEqual({ stdout: first.stdout, asked: 0 });
    const { code, stderr } = await parrot("resume");
    expect([code, stderr]).toEqual([2, expect.stringContaining("every run in it is finished")]);
  });

  it("the same command keeps nothing with --no-journal", async () => {
    await writeRows(3);
    const { code, stderr } = await parrot(...TEXT, "--no-journal");
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("Answers are kept")]);
    expect((await readdir(folder)).toSorted()).toEqual(["in.csv", "out.csv"]);
  });

  it("a run finds the answers that an estimate has asked for", async () => {
    await writeRows(30);
    const estimate = await parrot("estimate", ...TEXT, "--ask", "--look-at", "10");
    const run = await parrot(...TEXT);
    expect([estimate.code, estimate.asked, run.asked]).toEqual([0, 10, 20]);
    expect((await parrot("resume")).stderr).toContain("every run in it is finished");
  });

  it("an empty list counts as an answer when the same command is typed again", async () => {
    await simulator.close();
    await simulate({ answer: () => '{"items":[]}' });
    await writeRows(4);
    const data = ["data", "in.csv", ...PROMPT, "--keys", "name", "-o"];
    const first = await parrot(...data, "a.csv");
    const second = await parrot(...data, "b.csv");
    expect([first.code, first.asked, second.code, second.asked]).toEqual([0, 4, 0, 0]);
    expect(await read("b.csv")).toBe(await read("a.csv"));
  });
});

describe("parrot resume", () => {
  it("resume goes on after Ctrl-C, which awaits what is in flight and prints the command", async () => {
    await simulator.close();
    await simulate({ latency: { kind: "fixed", ms: 100 } });
    await writeRows(300);
    const child = start(...TEXT, "--concurrency", "20");
    await expect.poll(() => simulator.ledger.received, { interval: 5 }).toBeGreaterThan(60);
    child.kill("SIGINT");
    const { code, stderr } = await child.finished;
    expect(code).toBe(130);
    expect(stderr).toContain("Every answer is kept. Go on with: parrot resume\n");
    const asked = simulator.ledger.received;
    expect(simulator.ledger.answered()).toHaveLength(asked);
    const resumed = await parrot("resume");
    expect([resumed.code, asked + resumed.asked]).toEqual([0, 300]);
    expect(resumed.stderr).toContain(`Before that, this run had paid: ${asked} requests`);
    expect(await lines("out.csv")).toHaveLength(301);
    expect(await readdir(folder)).not.toContain("out.partial.csv");
  });

  it("SIGTERM gives what is in flight the time of --grace, and resume goes on", async () => {
    await simulator.close();
    await simulate({ latency: { kind: "fixed", ms: 60_000 } });
    await writeRows(3);
    const child = start(...TEXT, "--grace", "0.2");
    await expect.poll(() => simulator.ledger.received, { interval: 5 }).toBe(1);
    child.kill("SIGTERM");
    expect((await child.finished).code).toBe(143);
  });

  it("a second Ctrl-C ends a run at once, and resume goes on", async () => {
    await simulator.close();
    await simulate({ latency: { kind: "fixed", ms: 60_000 } });
    await writeRows(3);
    const child = start(...TEXT);
    await expect.poll(() => simulator.ledger.received, { interval: 5 }).toBe(1);
    await interrupt(child);
    child.kill("SIGINT");
    expect((await child.finished).code).toBe(130);
  });

  it("resume keeps to the budget of the whole run, and goes on with a larger one", async () => {
    await writeRows(30);
    const stopped = await parrot(...TEXT, "--max-requests", "10");
    expect([stopped.code, stopped.asked]).toEqual([4, 10]);
    const again = await parrot("resume");
    expect([again.code, again.asked]).toEqual([4, 0]);
    const more = await parrot("resume", "--max-requests", "25");
    expect([more.code, more.asked]).toEqual([4, 15]);
    const all = await parrot("resume", "--max-requests", "100");
    expect([all.code, all.asked]).toEqual([0, 5]);
  });

  it("resume begins a run that was killed before its first answer", async () => {
    await writeRows(3);
    await writeFile(join(folder, "out.partial.csv"), "");
    expect(await parrot(...TEXT)).toMatchObject({ code: 0, asked: 3 });
    expect(await readdir(folder)).not.toContain("out.partial.csv");
  });

  it("resume goes on when the credit is back, with another key", async () => {
    faults = ({ sequence }) => (sequence > 8 ? { kind: "noCredit" } : undefined);
    await writeRows(20);
    expect((await parrot(...TEXT, "--concurrency", "1")).code).toBe(4);
    faults = () => undefined;
    const { code, asked } = await parrot("resume");
    expect([code, asked]).toEqual([0, 12]);
  });

  it("resume says what there is to go on with", async () => {
    const none = await parrot("resume");
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining(".parrot/journal.db")]);
    await writeRows(2);
    await parrot(...TEXT);
    const unknown = await parrot("resume", "9");
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("it has no run 9")]);
  });

  it("a run loses nothing when the output cannot be written in the end", async () => {
    await mkdir(join(folder, "deep"));
    await simulator.close();
    await simulate({ latency: { kind: "fixed", ms: 30 } });
    await writeRows(100);
    const child = start("text", "in.csv", ...PROMPT, "-o", "deep/out.csv", "--concurrency", "20");
    await expect.poll(() => simulator.ledger.received, { interval: 5 }).toBeGreaterThan(40);
    await rm(join(folder, "deep"), { recursive: true });
    const { code, stderr } = await child.finished;
    expect([code, stderr]).toEqual([4, expect.stringContaining("deep/out.csv")]);
    await mkdir(join(folder, "deep"));
    const asked = simulator.ledger.received;
    const resumed = await parrot("resume");
    expect([resumed.code, asked + resumed.asked]).toEqual([0, 100]);
    expect(await lines("deep/out.csv")).toHaveLength(101);
  });

  it.each([40_000, 400_000])(
    "a run loses no kept answer when files can grow to %d bytes only",
    async (bytes) => {
      await writeRows(3000);
      const program = join(import.meta.dirname, "../../dist/main.js");
      const child = spawn(
        "prlimit",
        [`--fsize=${bytes}`, process.execPath, program, ...TEXT, "--concurrency", "50"],
        {
          cwd: folder,
          env: { ...TEST_ENVIRONMENT, ...environment() },
        },
      );
      const [stderr] = await Promise.all([text(child.stderr), once(child, "close")]);
      expect([child.exitCode, stderr]).toEqual([4, expect.stringContaining("Go on with: parrot resume")]);
      const answered = numberIn(stderr, /Stopped: (\S+) rows answered,/);
      const asked = simulator.ledger.received;
      const resumed = await parrot("resume");
      expect(resumed.code).toBe(0);
      // What was in flight when the journal was full has nowhere to go: those rows are asked, and no other.
      const found = numberIn(resumed.stderr, /, (\S+) found in the journal/);
      const rowsAsked = new Set(simulator.ledger.entries.slice(asked).map(({ bodyHash }) => bodyHash)).size;
      expect(found + rowsAsked).toBe(3000);
      // A row is asked again only where the connection broke before its answer came, which the program tells.
      const lost = numberIn(resumed.stderr, /^(\S+) answers? got lost/m);
      expect(resumed.asked - rowsAsked).toBeLessThanOrEqual(lost);
      expect(found).toBeGreaterThanOrEqual(answered);
      expect(asked).toBeGreaterThanOrEqual(found);
      expect(await lines("out.csv")).toHaveLength(3001);
    },
  );
});

describe("failed rows", () => {
  it("failed rows are asked again by retry-failed, and come in their places", async () => {
    await writeRows(50);
    const whole = await parrot("text", "in.csv", ...PROMPT, "-o", "whole.csv", "--journal", "whole.db");
    expect(whole.code).toBe(0);
    faults = ({ body }) => (asks(body, 7) || asks(body, 31) ? { kind: "status", status: 400 } : undefined);
    const first = await parrot(...TEXT);
    expect(first.code).toBe(3);
    expect(first.stderr).toMatch(/, \d+ failed, in .*\. Next: parrot retry-failed\n$/);
    expect(await lines("out.csv.failed.jsonl")).toHaveLength(2);
    expect((await parrot(...TEXT)).code).toBe(3);

    faults = ({ body }) => (asks(body, 31) ? { kind: "status", status: 400 } : undefined);
    const second = await parrot("retry-failed");
    expect([second.code, second.asked]).toEqual([3, 2]);
    expect(await lines("out.csv.failed.jsonl")).toHaveLength(1);

    faults = () => undefined;
    const third = await parrot("retry-failed");
    expect([third.code, third.asked, await read("out.csv")]).toEqual([0, 1, await read("whole.csv")]);
    expect(await readdir(folder)).not.toContain("out.csv.failed.jsonl");
    expect((await parrot(...TEXT)).stderr).toContain("Nothing to do: 50 rows");
    const none = await parrot("retry-failed");
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("no run in it has failed rows")]);
  });

  it("failed rows go to a table with the columns of the input, on request", async () => {
    faults = ({ body }) => (asks(body, 1) ? { kind: "status", status: 400 } : undefined);
    await writeRows(3);
    await parrot(...TEXT);
    const { code, asked } = await parrot(...TEXT, "--failed", "bad.csv");
    expect([code, asked]).toEqual([3, 0]);
    const [header, row] = await lines("bad.csv");
    expect(header).toBe(
      "id,review,failure_row,failure_line,failure_code,failure_stage,failure_message,failure_attempts,failure_answer",
    );
    expect(row).toMatch(/^1,The lamp number 1 is good\. I like it\.,1,3,BAD_REQUEST,transport,.*,1,$/);
  });

  it("failed rows stop the run when they are more than --max-failures allows", async () => {
    faults = ({ body }) =>
      /number \d*[05] /.test(JSON.stringify(body)) ? { kind: "status", status: 400 } : undefined;
    await writeRows(1000, (id) => reviewOf(id + 1));
    const few = await parrot(...TEXT, "--max-failures", "5", "--concurrency", "10");
    expect([few.code, few.asked < 100]).toEqual([4, true]);
    expect(few.stderr).toContain("more than --max-failures allows");
    const share = await parrot("resume", "--max-failures", "5%", "--concurrency", "10");
    expect([share.code, share.asked < 300]).toEqual([4, true]);
    expect((await parrot("resume", "--max-failures", "30%")).code).toBe(3);
    expect((await parrot(...TEXT, "--max-failures", "x")).stderr).toContain(
      "such as 50, or a share such as 2%",
    );
  });
});

describe("parrot explain, --reparse and parrot journal", () => {
  const DATA = ["data", "in.csv", "--prompt", "Facts: ${review}", "--model", "openai/sim"];

  it("explain tells why rows will be asked", async () => {
    await writeRows(5);
    const untouched = await parrot("explain", ...TEXT, "--journal", "none.db");
    expect([untouched.code, untouched.stdout]).toEqual([
      0,
      expect.stringContaining("5 rows: 0 answered, 5 to be asked\n"),
    ]);
    expect(untouched.stderr).toContain("There is no journal none.db yet, so no row has an answer");
    await parrot(...TEXT);
    expect((await parrot("explain", ...TEXT)).stdout).toBe("5 rows: 5 answered, 0 to be asked\n");
    await writeRows(6, (id) => (id === 2 ? "Another." : reviewOf(id)));
    expect((await parrot("explain", ...TEXT)).stdout).toBe(
      "6 rows: 4 answered, 2 to be asked\n  1 new, changed since run 1, or failed there for a passing reason: row 3\n  1 new: row 6\n",
    );
    await writeRows(5);
    const warmer = await parrot("explain", ...TEXT, "--temperature", "0.5");
    expect(warmer.stdout).toContain(
      "5 asked again, as --temperature (none → 0.5) changed since run 1: rows 1, 2, 3, …",
    );
    const { stdout, asked } = await parrot("explain", ...TEXT.with(3, "Mood: ${review}"), "--json");
    expect(asked).toBe(0);
    expect(JSON.parse(stdout.split("\n")[0] ?? "")).toEqual({
      row: 0,
      kind: "changed",
      changed: ["the prompt"],
      run: 1,
      equal: false,
    });
  });

  it("explain compares with the nearest earlier run, not with the last", async () => {
    await writeRows(5);
    await parrot(...TEXT);
    await parrot(...TEXT.with(3, "Mood: ${review}"), "--temperature", "0.9", "--overwrite");
    const { stdout } = await parrot("explain", ...TEXT, "--temperature", "0.5");
    expect(stdout).toContain("5 asked again, as --temperature (none → 0.5) changed since run 1");
    expect(stdout).not.toContain("the prompt");
  });

  it("explain counts failed rows apart, and compares with the other command", async () => {
    faults = ({ body }) => {
      if (asks(body, 1)) return { kind: "status", status: 400 };
      return asks(body, 3) ? { kind: "badContent", form: "notJson" } : undefined;
    };
    await writeRows(6);
    const data = [...DATA, "--keys", "name", "-o", "out.csv"];
    expect((await parrot(...data)).code).toBe(3);
    expect((await parrot("explain", ...data)).stdout).toBe(
      "6 rows: 4 answered, 2 failed (parrot retry-failed asks again where that may help), 0 to be asked\n",
    );
    const text = await parrot("explain", "text", ...DATA.slice(1));
    expect(text.stdout).toContain("as the command (data → text) and --keys ([name] → none) changed since");
  });

  it("--reparse reads stored answers with another schema and asks nothing", async () => {
    await simulator.close();
    await simulate({ answer: () => '{"items":[{"name":"Lamp","year":1900}]}' });
    await writeRows(4);
    const schema = (properties: object): string =>
      JSON.stringify({ type: "object", properties, required: Object.keys(properties) });
    await writeFile(join(folder, "a.json"), schema({ name: { type: "string" }, year: { type: "integer" } }));
    await writeFile(join(folder, "b.json"), schema({ year: { type: "integer" } }));
    await parrot(...DATA, "--schema", "a.json", "-o", "a.jsonl");
    expect((await parrot("explain", ...DATA, "--schema", "b.json")).stdout).toContain(
      "the schema changed since run 1",
    );
    const { code, asked } = await parrot(...DATA, "--schema", "b.json", "-o", "b.jsonl", "--reparse");
    expect([code, asked]).toEqual([0, 0]);
    expect(JSON.parse((await lines("b.jsonl"))[0] ?? "")).toMatchObject({ year: 1900 });
    const none = await parrot(
      "data",
      "in.csv",
      "--prompt",
      "Other: ${review}",
      "--model",
      "openai/sim",
      "--keys",
      "a",
      "--reparse",
    );
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("Nothing to read anew")]);
  });

  it("the commands of parrot journal show, export and prune it", async () => {
    await writeRows(5);
    await parrot(...TEXT);
    const shown = await parrot("journal", "show");
    expect(shown.stdout).toMatch(
      /^1 {2}run, finished \d+-\d+-\d+ \d+:\d+, took \d+\.\d s\n {3}text in\.csv → out\.csv\n {3}openai\/sim: .*\$\{review\}.*\n {3}5 rows answered, 0 failed; 5 requests\n\n/,
    );
    expect(JSON.parse((await parrot("journal", "show", "--json")).stdout)).toMatchObject({
      records: 5,
      runs: [{ id: 1, state: "finished", manifest: { input: { path: "in.csv" }, result: { rows: 5 } } }],
    });
    const exported = (await parrot("journal", "export", "--run", "1")).stdout.trim().split("\n");
    expect(exported.map((line) => JSON.parse(line)).toSorted((a, b) => a.row - b.row)).toMatchObject(
      [0, 1, 2, 3, 4].map((row) => ({ row, status: 200 })),
    );
    expect((await parrot("journal", "prune")).stderr).toContain("with --older-than DAYS, --run NUMBER, ");
    expect((await parrot("journal", "prune", "--run", "1")).stdout).toContain("1 run and 5 records removed");
    expect((await parrot(...TEXT, "--overwrite")).asked).toBe(5);
  });

  it("parrot journal merge adds the answers of another journal, which a run then finds", async () => {
    await writeRows(6);
    await parrot(...TEXT, "--limit", "4", "--journal", "two.db");
    await parrot(...TEXT, "--limit", "2", "--overwrite");
    const merged = await parrot("journal", "merge", "two.db");
    expect([merged.code, merged.stdout]).toEqual([
      0,
      "two.db: 2 records of 1 run added\n  2 records to requests that are answered already\n",
    ]);
    const { asked } = await parrot(...TEXT, "--overwrite");
    expect(asked).toBe(2);
    const same = await parrot("journal", "merge", ".parrot/journal.db");
    expect([same.code, same.stderr]).toEqual([2, expect.stringContaining("into itself")]);
  });

  it("a second process on the same journal is refused, and the first is named", async () => {
    await simulator.close();
    await simulate({ latency: { kind: "fixed", ms: 60_000 } });
    await writeRows(2);
    const first = start(...TEXT);
    await expect.poll(() => simulator.ledger.received, { interval: 5 }).toBe(1);
    const second = await parrot("text", "in.csv", ...PROMPT, "-o", "other.csv");
    expect([second.code, second.asked]).toEqual([2, 0]);
    expect(second.stderr).toMatch(new RegExp(`in use by process ${first.pid} since \\d\\d:\\d\\d: `));
    expect(second.stderr).toContain(
      "with --journal .parrot/second.db, which parrot journal merge .parrot/second.db adds here",
    );
    expect((await parrot("journal", "show")).stdout).toMatch(/^1 {2}run, running since /);
    first.kill("SIGKILL");
    await first.finished;
    expect((await parrot("journal", "show")).stdout).toMatch(/^1 {2}run, killed /);
  });
});

describe("secrets", () => {
  it("a key is in no file, output or process list, and a cell is only where it belongs", async () => {
    const canary = "sk-CANARY-9f8e7d6c5b4a";
    const cell = "hunter2-CANARY-cell";
    await simulator.close();
    await simulate({ apiKey: canary, latency: { kind: "fixed", ms: 20 }, answer: () => "fine" });
    faults = ({ body, sequence }) => {
      if (asks(body, 5))
        return { kind: "status", status: 400, body: { error: { message: `bad key ${canary}` } } };
      return sequence % 9 === 0 ? { kind: "html" } : undefined;
    };
    await writeRows(40, (id) => (id === 9 ? cell : reviewOf(id)));
    await writeFile(join(folder, "..", `${folder.split("/").at(-1) ?? ""}.key`), canary);
    const keyFile = `${folder}.key`;
    const said: string[] = [];
    const child = start(...TEXT, "--key-file", keyFile, "--concurrency", "4");
    await expect.poll(() => simulator.ledger.received, { interval: 5 }).toBeGreaterThan(15);
    said.push(await readFile(`/proc/${child.pid}/cmdline`, "utf8"));
    child.kill("SIGKILL");
    await child.finished;
    for (const command of [
      ["resume", "--key-file", keyFile],
      ["retry-failed", "--key-file", keyFile],
      ["explain", ...TEXT],
      ["journal", "show", "--json"],
      ["journal", "export"],
    ]) {
      const { stdout, stderr } = await parrot(...command);
      said.push(stdout, stderr);
    }
    await rm(keyFile);
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const contents = await Promise.all(
      files.map(async (file) => [file, await readFile(file, "latin1")] as const),
    );
    const forms = [canary, encodeURIComponent(canary), Buffer.from(canary).toString("base64")];
    for (const form of forms) {
      expect(said.filter((each) => each.includes(form))).toEqual([]);
      expect(contents.filter(([, content]) => content.includes(form)).map(([file]) => file)).toEqual([]);
    }
    const withCell = contents.filter(([, content]) => content.includes(cell)).map(([file]) => file);
    expect(withCell.toSorted()).toEqual([join(folder, "in.csv"), join(folder, "out.csv")]);
    expect(said.filter((each) => each.includes(cell))).toEqual([]);
  });
});
