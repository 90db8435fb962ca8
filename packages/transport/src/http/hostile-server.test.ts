// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFailed, type Completed, type Failed, type Output, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai } from "@parallel-parrot/providers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BEHAVIOURS, type Behaviour } from "../../fixtures/hostile-behaviours.ts";
import { CERTIFICATE, startHostileServer, type HostileServer } from "../../fixtures/hostile-server.ts";
import { completionStream, createLimiter, createScaledClock } from "../index.ts";
import { createAgent } from "./agent.ts";
import { PATIENT } from "../../fixtures/run-pool.ts";

/** Rows of the run in which all behaviours come at random. The long form has 5000. */
const MIXED_ROWS = Number(process.env["PARROT_HOSTILE_ROWS"] ?? 200);
const ROWS = 12;
/** Rows that meet the behaviour; the first has shown by then that the server works. */
const HOSTILE_ROWS = [2, 6, 10];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-hostile-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Any text that answers the question; what has none is asked again, as in every run. */
const OUTPUT: Output = {
  shape: { type: "text" },
  columns: ["text"],
  read: ({ text }) =>
    text.includes("Answer")
      ? { ok: true, outputs: [{ text }], warnings: [] }
      : { ok: false, code: "INVALID_OUTPUT", message: "no answer" },
};

interface Outcome {
  readonly items: readonly (Completed | Failed)[];
  readonly error: unknown;
}

async function run(
  { baseUrl }: HostileServer,
  rows: number,
  { attemptTimeoutMs = 20_000, concurrency = 4 } = {},
): Promise<Outcome> {
  const agent = createAgent({ connectTimeoutMs: 1000, connect: { ca: CERTIFICATE } });
  const stage = completionStream(openai({ model: "sim", baseUrl, apiKey: "canary" }), {
    limiter: createLimiter({ clock: createScaledClock(1000) }),
    ...PATIENT,
    dispatcher: agent,
    journal: join(folder, "run.db"),
    output: OUTPUT,
    reuse: "answers",
    concurrency,
    attemptTimeoutMs,
  });
  const prompts = Array.from({ length: rows }, (_, index): Prompted => {
    const messages = [{ role: "user", content: `Document ${index}.` }] as const;
    return { index, row: { id: index }, prompt: { messages } };
  });
  const items: (Completed | Failed)[] = [];
  let error: unknown;
  try {
    for await (const item of sourceOf(prompts).pipeThrough(stage)) items.push(item);
  } catch (thrown) {
    error = thrown;
  }
  await agent.destroy();
  return { items, error };
}

/** Each row has the answer to its own question. */
function expectAnswers(items: readonly (Completed | Failed)[]): void {
  for (const item of items) {
    const text = "completion" in item ? item.completion.choices[0]?.text : undefined;
    expect(text).toMatch(new RegExp(`Answer ${item.index}$`));
  }
}

/** What the run, and the rows that met it, came to. */
function endingOf({ items, error }: Outcome): unknown {
  if (error !== undefined) return { stops: Reflect.get(Object(error), "code") };
  const failed = items.filter(isFailed);
  if (failed.length === 0) return "answered";
  expect(failed.map(({ index }) => index)).toEqual(HOSTILE_ROWS);
  const codes = new Set(failed.map(({ failure }) => failure.code));
  return codes.size === 1 ? failed[0]?.failure.code : [...codes];
}

/** What a person is told where the run has stopped. */
function wordsOf({ error }: Outcome): string {
  if (error === undefined) return "Nothing to tell, as the run came to its end.";
  return error instanceof Error ? error.message : "";
}

/** Goes on when the server is itself again: nothing that was answered is paid for again. */
async function expectGoesOn(server: HostileServer, rows: number): Promise<void> {
  const paid = new Map(server.answered);
  server.calmDown();
  const { items, error } = await run(server, rows);
  expect(error).toBeUndefined();
  expect(items).toHaveLength(rows);
  expectAnswers(items);
  for (const [row, times] of paid) expect([row, server.answered.get(row)]).toEqual([row, times]);
}

const serverFor = (behaviour: Behaviour): ReturnType<typeof startHostileServer> => {
  const isLasting = behaviour.lasts === true || behaviour.ending !== "answered";
  return startHostileServer({
    isEncrypted: behaviour.level === "TLS",
    script: (row, times) =>
      HOSTILE_ROWS.includes(Number(row)) && (isLasting || times === 0) ? behaviour : undefined,
    onConnection: (number) => (number > 2 && (isLasting || number % 3 === 0) ? behaviour : undefined),
  });
};

describe.each(["TLS", "HTTP", "body"] as const)("a hostile server, at the level of %s", (level) => {
  it.each(BEHAVIOURS.filter((each) => each.level === level).map((each) => [each.name, each] as const))(
    `a hostile server, at the level of ${level} that %s, ends as expected`,
    async (_, behaviour) => {
      await using server = await serverFor(behaviour);
      const outcome = await run(server, ROWS, behaviour);
      expect(endingOf(outcome)).toEqual(behaviour.ending);
      expectAnswers(outcome.items.filter((item) => !isFailed(item)));
      expect(wordsOf(outcome).length).toBeGreaterThan(30);
      await expectGoesOn(server, ROWS);
    },
  );
});

describe("a hostile server that does all of it at random", () => {
  it(
    `a hostile server that does all of it at random costs attempts in a run of ${MIXED_ROWS} rows, and no row`,
    { timeout: 600_000 + MIXED_ROWS * 100 },
    async () => {
      const passing = BEHAVIOURS.filter(
        ({ ending, respond, level, attemptTimeoutMs }) =>
          ending === "answered" && respond !== undefined && level !== "TLS" && attemptTimeoutMs === undefined,
      );
      let turn = 0;
      await using server = await startHostileServer({
        // The third of each ten rows, with one behaviour after another.
        script: (row, times) =>
          Number(row) % 10 === 3 && times === 0 ? passing[(turn += 1) % passing.length] : undefined,
      });
      const { items, error } = await run(server, MIXED_ROWS, { concurrency: 16 });
      expect(error).toBeUndefined();
      expect(items.filter(isFailed)).toEqual([]);
      expect(items).toHaveLength(MIXED_ROWS);
      expectAnswers(items);
      await expectGoesOn(server, MIXED_ROWS);
    },
  );
});
