// @module-tag slow

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFailed, type Completed, type Failed, type Output, type Prompt } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal, openJournal, type Journal } from "@parallel-parrot/journal";
import { functionProvider, openai, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completionStream, pool, type CompletionOptions, type CompletionProgress } from "../index.ts";

let folder: string;
let simulator: Simulator;
let faults: FaultScript;
/** Each request gets an answer that no other one gets. */
let answers: number;
const path = (): string => join(folder, "run.db");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-equal-"));
  faults = () => undefined;
  answers = 0;
  simulator = await startSimulator({
    faults: (request) => faults(request),
    answer: () => `answer ${(answers += 1)}`,
  });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

function provider(changes: Partial<Provider> = {}): Provider {
  const { baseUrl, apiKey } = simulator;
  return { ...openai({ model: "sim", baseUrl, apiKey }), ...changes };
}

const user = (content: string): Prompt => ({ messages: [{ role: "user", content }] });

/** With no journal where that is `undefined`, and with one in a file where nothing is said of it. */
type Options = Omit<CompletionOptions, "journal"> & {
  readonly journal?: CompletionOptions["journal"] | undefined;
};

const WITHOUT: Options = { journal: undefined };

interface Outcome {
  /** Of each row: the texts of its choices, or why it failed. */
  readonly texts: readonly string[];
  readonly asked: number;
  readonly progress: CompletionProgress;
  readonly items: readonly (Completed | Failed)[];
}

async function run(
  prompts: readonly (string | Prompt)[],
  options: Options = {},
  whom: Provider = provider(),
): Promise<Outcome> {
  const before = simulator.ledger.received;
  const { journal, ...others } = { journal: path(), ...options };
  const stage = completionStream(whom, { ...others, ...(journal === undefined ? {} : { journal }) });
  const inputs = prompts.map((prompt, index) => ({
    index,
    row: { index },
    prompt: typeof prompt === "string" ? user(prompt) : prompt,
  }));
  const items: (Completed | Failed)[] = [];
  for await (const item of sourceOf(inputs).pipeThrough(stage)) items.push(item);
  const texts = items.map((item) =>
    isFailed(item) ? item.failure.code : item.completion.choices.map(({ text }) => text).join("|"),
  );
  return { texts, items, asked: simulator.ledger.received - before, progress: stage.progress() };
}

const repeat = (count: number, ...texts: readonly string[]): string[] =>
  Array.from({ length: count }, (_, place) => texts[place % texts.length] ?? "");

const JOURNALS: readonly (readonly [string, () => Options])[] = [
  ["a journal in a file", () => ({ journal: path() })],
  ["a journal in memory", () => ({ journal: memoryJournal() })],
];

const ALL: typeof JOURNALS = [...JOURNALS, ["no journal", () => WITHOUT]];

const WHOM: readonly (readonly [string, () => Provider])[] = [
  ["one provider", () => provider()],
  ["a pool", () => pool([provider(), { provider: provider(), name: "second" }])],
  [
    "a function",
    () =>
      functionProvider({
        name: "f",
        model: "own",
        complete: () => Promise.resolve(`answer ${(answers += 1)}`),
      }),
  ],
];

const EACH = ALL.flatMap(([where, options]) =>
  WHOM.map(([who, whom]) => [where, who, options, whom] as const),
);

describe("rows with the same prompt", () => {
  it.each(EACH)("equal rows have an answer each, with %s and %s", async (_where, _who, options, whom) => {
    const rows = [...repeat(20, "bread"), "wine"];
    const { texts, progress } = await run(rows, options(), whom());
    expect(new Set(texts).size).toBe(21);
    expect(answers).toBe(21);
    expect(progress).toMatchObject({ completed: 21, equal: 19, reused: 0, shared: 0 });
  });

  it.each(JOURNALS)("equal rows find each its own answer again, with %s", async (_where, options) => {
    const given = options();
    const rows = repeat(60, "bread", "wine", "oil");
    const first = await run(rows, given);
    const second = await run(rows, given);
    expect([second.asked, second.texts]).toEqual([0, first.texts]);
    expect(second.progress).toMatchObject({ equal: 57, reused: 60, shared: 0 });
  });

  it("equal rows find their answers whatever became of the input, and only new rows are asked", async () => {
    const first = await run(["a", "b", "a", "a", "c"]);
    const [a1 = "", b = "", a2 = "", a3 = "", c = ""] = first.texts;
    const cases: readonly (readonly [readonly string[], readonly string[], number])[] = [
      // Deleted: those behind it move up.
      [["b", "a", "a", "c"], [b, a1, a2, c], 0],
      [["a", "a", "a"], [a1, a2, a3], 0],
      // In another order, and among others.
      [["c", "a", "a", "b", "a"], [c, a1, a2, b, a3], 0],
      [["new", "a", "b"], ["answer 6", a1, b], 1],
      // One more of them.
      [["a", "a", "a", "a"], [a1, a2, a3, "answer 7"], 1],
    ];
    for (const [rows, texts, asked] of cases) expect(await run(rows)).toMatchObject({ texts, asked });
  });

  it("equal rows have the same answers in every run over a journal, whatever the runs before asked", async () => {
    const inputs = fc.array(fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(inputs, fc.constantFrom(1, 3, 100), async (runs, concurrency) => {
        const journal = memoryJournal();
        const complete = (): Promise<string> => Promise.resolve(`answer ${(answers += 1)}`);
        const whom = functionProvider({ name: "f", model: "own", complete });
        /** By prompt and how often it came before. */
        const known = new Map<string, string>();
        for (const rows of runs) {
          const before = answers;
          const { texts } = await run(rows, { journal, concurrency }, whom);
          const keys = rows.map(
            (row, place) => `${row} ${rows.slice(0, place).filter((other) => other === row).length}`,
          );
          expect(answers - before).toBe(keys.filter((key) => !known.has(key)).length);
          for (const [place, key] of keys.entries()) {
            expect(texts[place]).toBe(known.get(key) ?? texts[place]);
            known.set(key, texts[place] ?? "");
          }
          expect(new Set(known.values()).size).toBe(known.size);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("equal rows have an answer each, in whatever order they come and go", async () => {
    await simulator.close();
    simulator = await startSimulator({
      latency: { kind: "lognormal", medianMs: 5, p99Ms: 60 },
      answer: () => `answer ${(answers += 1)}`,
    });
    const rows = repeat(200, "one", "two");
    const first = await run(rows, { order: "completion" });
    const byIndex = (outcome: Outcome): ReadonlyMap<number, string | undefined> =>
      new Map(outcome.items.map(({ index }, place) => [index, outcome.texts[place]]));
    const second = await run(rows);
    expect([second.asked, byIndex(second)]).toEqual([0, byIndex(first)]);
  });

  it("equal rows keep their places where one of them fails, and it alone is asked again", async () => {
    faults = ({ sequence }) => (sequence === 2 ? { kind: "contentFilter", at: "prompt" } : undefined);
    const rows = repeat(5, "same");
    const first = await run(rows, { concurrency: 1 });
    expect(first.texts.map((text) => text === "CONTENT_FILTERED")).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
    faults = () => undefined;
    const again = await run(rows);
    expect([again.asked, again.texts]).toEqual([0, first.texts]);
    const retried = await run(rows, { reuse: "answers" });
    expect([retried.asked, retried.texts.toSpliced(1, 1)]).toEqual([1, first.texts.toSpliced(1, 1)]);
    expect(await run(rows)).toMatchObject({ asked: 0, texts: retried.texts });
  });

  it("equal rows keep their re-asks and choices apart, with or without an amendment", async () => {
    faults = ({ body }) =>
      JSON.stringify(body).includes('"temperature"')
        ? { kind: "unsupportedParameter", name: "temperature" }
        : undefined;
    const picky: Output = {
      shape: { type: "text" },
      columns: ["text"],
      read: ({ text }) =>
        Number(text.split(" ")[1]) > 12
          ? { ok: true, outputs: [{ text }], warnings: [] }
          : { ok: false, code: "INVALID_OUTPUT", message: "too early" },
    };
    const { capabilities } = provider();
    const fanned = provider({ capabilities: { ...capabilities, nativeN: false } });
    const rows = repeat(4, "same");
    const options = { temperature: 1, n: 3, output: picky, maxReasks: 5 };
    const first = await run(rows, options, fanned);
    const all = first.texts.flatMap((text) => text.split("|"));
    expect(new Set(all).size).toBe(12);
    const second = await run(rows, options, fanned);
    expect([second.asked, second.texts]).toEqual([0, first.texts]);
  });

  it("equal rows are each asked once with reuse none, and not again when that run goes on", async () => {
    const rows = repeat(10, "same");
    await run(rows);
    const journal = await openJournal(path());
    const begin = async (): Promise<Options> => ({
      journal: await journal.begin({ identity: "fresh" }),
      reuse: "none",
    });
    const half = await run(rows.slice(0, 4), await begin());
    const whole = await run(rows, await begin());
    await journal.close();
    expect([half.asked, whole.asked, new Set(whole.texts).size]).toEqual([4, 6, 10]);
    expect(whole.texts.slice(0, 4)).toEqual(half.texts);
  });

  it("the first of equal rows finds the answer that an earlier version kept for all of them", async () => {
    const [only] = (await run(["same"])).texts;
    const { asked, texts } = await run(repeat(3, "same"));
    expect([asked, texts[0], new Set(texts).size]).toEqual([2, only, 3]);
  });

  it("rows are equal that say the same in everything, whatever the order of its properties", async () => {
    const image = { mediaType: "image/png", data: "aGVsbG8=" };
    const message = { role: "user", content: "x" } as const;
    const prompts: Prompt[] = [
      { messages: [message] },
      { messages: [{ content: "x", role: "user" }] },
      { messages: [{ ...message, images: [image] }] },
      { messages: [{ ...message, images: [{ data: "aGVsbG8=", mediaType: "image/png" }] }] },
      { messages: [{ ...message, images: [{ ...image, data: "aGVsbG8h" }] }] },
      { messages: [{ ...message, images: [image, image] }] },
      { messages: [{ ...message, images: [{ url: "https://a.example/b.png" }] }] },
      { messages: [{ role: "system", content: "x" }, message] },
      { messages: [{ role: "user", content: 'x"],["user","y' }] },
      { messages: [{ role: "user", content: "\ud800" }] },
      { messages: [{ role: "user", content: "\udc00" }] },
    ];
    expect((await run(prompts, WITHOUT)).progress.equal).toBe(2);
  });
});

describe("askEqualOnce", () => {
  it.each(EACH)(
    "askEqualOnce asks equal rows once, also in flight, with %s and %s",
    async (_where, _who, options, whom) => {
      const rows = repeat(200, "spam", "ham", "eggs", "toast");
      const { texts, progress, items } = await run(rows, { ...options(), askEqualOnce: true }, whom());
      expect([answers, texts]).toEqual([4, repeat(200, ...texts.slice(0, 4))]);
      expect(progress).toMatchObject({
        completed: 200,
        equal: 196,
        shared: 196,
        reused: 0,
        usage: { requests: 4 },
      });
      expect(items.filter((item) => !isFailed(item) && item.completion.usage.requests > 0)).toHaveLength(4);
    },
  );

  it("equal rows share with askEqualOnce the answer that the first of them had without it", async () => {
    const rows = repeat(6, "one", "two");
    const first = await run(rows);
    const shared = await run(rows, { askEqualOnce: true });
    expect([shared.asked, shared.texts]).toEqual([0, repeat(6, ...first.texts.slice(0, 2))]);
    expect(shared.progress).toMatchObject({ equal: 4, reused: 2, shared: 4 });
    expect(await run([...rows, "one", "three"], { askEqualOnce: true })).toMatchObject({
      asked: 1,
      progress: { equal: 5, reused: 2, shared: 5 },
    });
  });

  it.each(ALL)(
    "askEqualOnce lets the next of equal rows ask where the first one fails for itself, with %s",
    async (_where, options) => {
      faults = ({ sequence }) => (sequence === 2 ? { kind: "hangUp" } : undefined);
      const given = { ...options(), askEqualOnce: true, maxAttempts: 1 };
      const { texts, asked } = await run(["first", "same", "same"], given);
      expect([asked, texts]).toEqual([3, ["answer 1", "NETWORK", "answer 2"]]);
    },
  );

  it("askEqualOnce keeps re-asks and choices apart that are asked in the same words", async () => {
    const { capabilities } = provider();
    const fanned = provider({ capabilities: { ...capabilities, nativeN: false } });
    for (const options of [{}, WITHOUT]) {
      const { texts } = await run(repeat(3, "same"), { ...options, n: 3, askEqualOnce: true }, fanned);
      expect(new Set(texts[0]?.split("|")).size).toBe(3);
      expect(new Set(texts).size).toBe(1);
    }
  });

  it("askEqualOnce without a journal asks again what was pushed out by newer answers, but keeps what is shared often", async () => {
    const long = "long ".repeat(200_000);
    const complete = (): Promise<string> => Promise.resolve(`${(answers += 1)} ${long}`);
    // An answer takes 2 MB: some thirty are kept.
    const rows = Array.from({ length: 80 }, (_, place) => (place % 2 === 0 ? "often" : `${place}`));
    const options = { ...WITHOUT, askEqualOnce: true, concurrency: 1 };
    const { progress } = await run(
      [...rows, "1", "79"],
      options,
      functionProvider({ name: "f", model: "own", complete }),
    );
    expect(answers).toBe(1 + 40 + 1);
    expect(progress).toMatchObject({ equal: 41, shared: 40 });
  });

  it("askEqualOnce works without a journal whatever reuse says", async () => {
    const { texts } = await run(["a", "a"], { ...WITHOUT, askEqualOnce: true, reuse: "only" });
    expect(texts).toEqual(["answer 1", "answer 1"]);
  });
});

describe("a journal of two pipelines", () => {
  it("two pipelines with one journal get the same answers, which are asked for once", async () => {
    const journal: Journal = memoryJournal();
    const rows = repeat(20, "same");
    const [one, other] = await Promise.all([run(rows, { journal }), run(rows, { journal })]);
    expect([answers, one.texts]).toEqual([20, other.texts]);
  });
});

/** Mounting a small disk needs root; elsewhere this test is skipped, and shown so. */
const MAY_MOUNT = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;

describe.skipIf(!MAY_MOUNT)(
  "equal rows that cannot be counted, as the folder for temporary files is full",
  () => {
    it.each([
      [
        "stop a run whose answers they find",
        "{ journal: memoryJournal() }",
        /^JOURNAL_FAILED Cannot count equal prompts .* full/,
      ],
      [
        "stop a run that asks them once",
        "{ askEqualOnce: true }",
        /^JOURNAL_FAILED Cannot count equal prompts .* full/,
      ],
      ["do not concern a run that has neither", "{}", "done 160000 undefined"],
    ])("equal rows that cannot be counted %s", (_what, options, said) => {
      expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status).toBe(0);
      try {
        const { stdout, stderr } = spawnSync(
          process.execPath,
          ["--conditions=@parallel-parrot/source", "--input-type=module", "-e", manyRows(options)],
          { cwd: import.meta.dirname, encoding: "utf8", env: { ...process.env, SQLITE_TMPDIR: folder } },
        );
        expect(stdout + stderr).toMatch(said);
      } finally {
        spawnSync("umount", [folder]);
      }
    });
  },
);

const manyRows = (options: string): string => `
import { arraySource } from "@parallel-parrot/core";
import { memoryJournal } from "@parallel-parrot/journal";
import { functionProvider } from "@parallel-parrot/providers";
import { completionStream } from "../index.ts";
const items = Array.from({ length: 160_000 }, (_, index) => ({
  index, row: {}, prompt: { messages: [{ role: "user", content: String(index) }] },
}));
const provider = functionProvider({ name: "f", model: "m", complete: () => Promise.resolve("x") });
const stage = completionStream(provider, ${options});
try {
  let rows = 0;
  for await (const item of arraySource(items).pipeThrough(stage)) rows += "completion" in item ? 1 : 0;
  console.log("done", rows, stage.progress().equal);
} catch ({ code, message }) {
  console.log(code, message);
}
`;
