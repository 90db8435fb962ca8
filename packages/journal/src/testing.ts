import assert from "node:assert/strict";
import { NO_USAGE } from "@parallel-parrot/core";
import type { Journal, JournalRecord, RunSummary } from "./journal.ts";

/** A test registrar: `it` or `test` of vitest, node:test, jest or bun. */
export type RegisterTest = (name: string, run: () => Promise<void>) => unknown;

/** What {@linkcode testJournal} needs to know of a kind of journal. */
export interface JournalSpec {
  /** Opens a journal that has nothing in it. It is closed when its test is over. */
  readonly open: () => Promise<Journal>;
}

/**
 * Registers the conformance tests that every journal passes: what was kept is found, the latest record of a key and
 * the earlier ones, bodies and manifests as they were, which runs go on, what they have paid, and who asks for a key.
 *
 * @example
 * ```ts
 * import { describe, it } from "vitest";
 * import { memoryJournal } from "@parallel-parrot/journal";
 * import { testJournal } from "@parallel-parrot/journal/testing";
 *
 * describe("memoryJournal", () => {
 *   testJournal(it, { open: () => Promise.resolve(memoryJournal()) });
 * });
 * ```
 */
export function testJournal(it: RegisterTest, { open }: JournalSpec): void {
  function itOf(name: string, run: (journal: Journal) => Promise<void>): void {
    it(name, async () => {
      const journal = await open();
      try {
        await run(journal);
      } finally {
        await journal.close();
      }
    });
  }

  itOf("finds what was kept, and nothing else", async (journal) => {
    const run = await journal.begin();
    const failure = aRecord("a", {
      row: 3,
      replicate: 2,
      outcome: "failure",
      code: "BAD_REQUEST",
      status: 400,
    });
    await run.append(failure);
    assert.deepEqual(run.find("a"), { ...failure, run: 1, isSettled: false, isOwn: true });
    assert.equal(run.find("b"), undefined);
  });

  itOf("gives the latest record of a key and keeps the earlier ones", async (journal) => {
    const run = await journal.begin();
    await run.append(aRecord("a", { body: "first" }));
    await run.append(aRecord("a", { body: "second" }));
    assert.equal(run.find("a")?.body, "second");
    assert.deepEqual(
      Array.from(journal.records(), ({ body }) => body),
      ["first", "second"],
    );
  });

  itOf("keeps bodies of any length and alphabet as they are", async (journal) => {
    const run = await journal.begin();
    const bodies = ["", "ä😀\u0000\r\n", "x".repeat(4096), "ünï".repeat(50_000), "\u{FFFD}"];
    await Promise.all(bodies.map((body, index) => run.append(aRecord(String(index), { body }))));
    assert.deepEqual(
      bodies.map((_, index) => run.find(String(index))?.body),
      bodies,
    );
  });

  itOf("adds up what a run has paid, across those that continue it", async (journal) => {
    const first = await journal.begin({ identity: "same" });
    await Promise.all([
      first.append(aRecord("a", { cost: 0.25 })),
      first.append(aRecord("b", { cost: 0.5 })),
    ]);
    await first.append(aRecord("c", { usage: NO_USAGE }));
    const again = await journal.begin({ identity: "same" });
    assert.equal(again.id, first.id);
    assert.deepEqual(again.paidBefore, {
      usage: { requests: 2, inputTokens: 20, outputTokens: 10, cachedInputTokens: 4, reasoningTokens: 2 },
      cost: 0.75,
    });
    assert.equal(again.find("a")?.cost, 0.25);
  });

  itOf("continues the last run of an identity unless that is finished, and no other", async (journal) => {
    const begin = async (identity?: string): Promise<number> =>
      (await journal.begin(identity === undefined ? {} : { identity })).id;
    assert.deepEqual(
      [await begin("x"), await begin("y"), await begin("x"), await begin(), await begin()],
      [1, 2, 1, 3, 4],
    );
    const run = await journal.begin({ identity: "x", manifest: { input: "in.csv" } });
    await run.end("finished", { rows: 7 });
    assert.deepEqual([firstRun(journal).state, firstRun(journal).identity], ["finished", "x"]);
    assert.equal(await begin("x"), 5);
  });

  itOf("knows which rows are done with", async (journal) => {
    const run = await journal.begin({ identity: "same" });
    await Promise.all([run.append(aRecord("a", { row: 4 })), run.append(aRecord("b", { row: 5 }))]);
    run.settle(5);
    assert.deepEqual([run.find("a")?.isSettled, run.find("b")?.isSettled], [true, false]);
    await run.end("stopped");
    const again = await journal.begin({ identity: "same" });
    assert.deepEqual([again.find("a")?.isSettled, again.find("b")?.isSettled], [true, false]);
  });

  itOf("lets one ask for a key and the others wait", async (journal) => {
    const run = await journal.begin();
    assert.equal(run.claim("a"), undefined);
    const order: string[] = [];
    const waiting = [1, 2].map(async (number) => {
      await run.claim("a");
      order.push(`waited ${number}`);
    });
    assert.equal(run.claim("b"), undefined);
    order.push("released");
    run.release("a");
    await Promise.all(waiting);
    assert.deepEqual(order, ["released", "waited 1", "waited 2"]);
    assert.equal(run.claim("a"), undefined);
  });

  itOf("keeps integers beyond 2^53 in a manifest", async (journal) => {
    const run = await journal.begin({ manifest: { first: 2n ** 60n, ids: [-(2n ** 64n), 5] } });
    await run.note({ last: 2n ** 63n });
    await run.end("finished", { next: 2n ** 62n });
    assert.deepEqual(firstRun(journal).manifest, {
      first: 2n ** 60n,
      ids: [-(2n ** 64n), 5],
      last: 2n ** 63n,
      next: 2n ** 62n,
    });
  });

  itOf("keeps the manifest and what is added on the way and in the end", async (journal) => {
    const run = await journal.begin({ manifest: { input: "in.csv", output: { path: "out.csv" } } });
    await run.note({ output: { path: "out.jsonl" } });
    const noted = { input: "in.csv", output: { path: "out.jsonl" } };
    assert.deepEqual(stateOf(journal), ["running", noted]);
    await run.end("finished", { rows: 3 });
    assert.deepEqual(stateOf(journal), ["finished", { ...noted, rows: 3 }]);
  });
}

function firstRun(journal: Journal): RunSummary {
  const [run] = journal.runs();
  return run ?? assert.fail("the journal has no run");
}

function stateOf(journal: Journal): readonly unknown[] {
  const { state, manifest } = firstRun(journal);
  return [state, manifest];
}

/** A record like any other, with changes. */
function aRecord(key: string, changes: Partial<JournalRecord> = {}): JournalRecord {
  return {
    key,
    row: 0,
    replicate: 0,
    outcome: "answer",
    status: 200,
    body: `{"answer":"${key}"}`,
    usage: { requests: 1, inputTokens: 10, outputTokens: 5, cachedInputTokens: 2, reasoningTokens: 1 },
    attempts: 1,
    sentAt: 1_700_000_000_000,
    durationMs: 800,
    ...changes,
  };
}
