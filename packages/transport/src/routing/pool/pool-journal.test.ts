import { memoryJournal, type Journal } from "@parallel-parrot/journal";
import { anthropic, functionProvider, openai, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type Fault } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { documentOf, prompts, promptsWithLong } from "../../../fixtures/prompts.ts";
import { clock, expectAll, failures, memberOf, runPool, texts } from "../../../fixtures/run-pool.ts";
import { createLimiter, type CompletionOptions, type PoolMember } from "../../index.ts";

/** A provider that answers with its name and the prompt, and counts what it is asked. */
function counted(name: string): { readonly asked: string[]; readonly provider: Provider } {
  const asked: string[] = [];
  const provider = functionProvider({
    name,
    model: name,
    complete: async ({ messages }) => {
      const text = messages.at(-1)?.content ?? "";
      asked.push(text);
      return `${name}: ${text}`;
    },
  });
  return { asked, provider };
}

describe("a run with a pool that is done again", () => {
  it("a pool that is run again finds what any member answered, and asks only for what is new", async () => {
    const journal = memoryJournal();
    const [a, b] = [counted("a"), counted("b")];
    const first = await runPool([a.provider, b.provider], 60, { journal });
    expect(a.asked.length).toBeGreaterThan(5);
    expect(b.asked.length).toBeGreaterThan(5);
    expect(a.asked.length + b.asked.length).toBe(60);
    const second = await runPool([b.provider, a.provider], 80, { journal });
    expectAll(second, 80);
    expect(a.asked.length + b.asked.length).toBe(80);
    expect(texts(second).slice(0, 60)).toEqual(texts(first));
    expect([...journal.records()]).toHaveLength(80);
    expect(second.stage.progress()).toMatchObject({ reused: 60, usage: { requests: 20 } });
  });

  it("a pool that is run again with one more member asks nothing, and without a member asks what that one had answered", async () => {
    const journal = memoryJournal();
    const [a, b, c] = [counted("a"), counted("b"), counted("c")];
    const first = await runPool([a.provider, b.provider], 60, { journal });
    const more = await runPool([c.provider, a.provider, b.provider], 60, { journal });
    expect(texts(more)).toEqual(texts(first));
    expect(c.asked).toEqual([]);
    const [byA, byB] = [[...a.asked], [...b.asked]];
    const less = await runPool([a.provider], 60, { journal });
    expectAll(less, 60);
    expect(a.asked.slice(byA.length).toSorted()).toEqual(byB.toSorted());
    // Now both have answered those: the first one's word counts.
    const all = await runPool([b.provider, a.provider], 60, { journal });
    expect(texts(all)).toEqual(texts(first));
    expect(b.asked).toEqual(byB);
  });

  it("a single provider finds what it answered in a pool, and a pool what its member answered alone", async () => {
    const journal = memoryJournal();
    const [a, b] = [counted("a"), counted("b")];
    await runPool([a.provider], 30, { journal });
    const pooled = await runPool([b.provider, a.provider], 60, { journal });
    expectAll(pooled, 60);
    expect(a.asked.length + b.asked.length).toBe(60);
    const { length } = a.asked;
    await runPool([a.provider], 60, { journal });
    expect(a.asked.length - length).toBe(b.asked.length);
  });

  it("a pool that is run again with another key of the same server asks nothing", async () => {
    await using server = await startSimulator();
    const journal = memoryJournal();
    await runPool([memberOf(server), memberOf(server)], 40, { journal });
    const again = await runPool([memberOf(server, { apiKey: "another" })], 40, { journal });
    expectAll(again, 40);
    expect(server.ledger.received).toBe(40);
  });

  it("with askEqualOnce a pool asks for equal prompts once, whichever member is asked", async () => {
    const journal = memoryJournal();
    const [a, b] = [counted("a"), counted("b")];
    const same = prompts(["one", "two", "one", "two", "one", "one", "two", "one"]);
    expectAll(await runPool([a.provider, b.provider], same, { journal, askEqualOnce: true }), 8);
    expect([...a.asked, ...b.asked].toSorted()).toEqual(["one", "two"]);
  });
});

describe("refusals of a pool's members in the journal", () => {
  it("refusals of a pool's members are found in the journal: a prompt too long for one goes to another, and one too long for all fails the same way", async () => {
    await using small = await startSimulator({ contextTokens: 60 });
    await using large = await startSimulator();
    const journal = memoryJournal();
    const rows = promptsWithLong(20, 7);
    const options: CompletionOptions = { journal, maxTokens: 20 };
    const both = () => [memberOf(small), memberOf(large)];
    const first = await runPool(both(), rows, options);
    expectAll(first, 20);
    const asked = small.ledger.received + large.ledger.received;
    const again = await runPool(both().toReversed(), rows, options);
    expect(texts(again)).toEqual(texts(first));
    expect(small.ledger.received + large.ledger.received).toBe(asked);

    const refused = { 7: "CONTEXT_TOO_LONG" };
    const onlySmall = () => [memberOf(small), memberOf(small)];
    const missing = await runPool(onlySmall(), rows, options);
    expect(failures(missing)).toEqual(refused);
    const { received } = small.ledger;
    const missingAgain = await runPool(onlySmall(), rows, options);
    expect(failures(missingAgain)).toEqual(refused);
    const unasked = await runPool(onlySmall(), rows, { ...options, reuse: "only" });
    expect(failures(unasked)).toEqual(refused);
    expect(small.ledger.received).toBe(received);
  });

  it("refusals in the journal do not keep a row from a new member of the pool", async () => {
    await using small = await startSimulator({ contextTokens: 60 });
    await using large = await startSimulator();
    await using another = await startSimulator();
    const options: CompletionOptions = { journal: memoryJournal(), maxTokens: 20 };
    const rows = promptsWithLong(20, 7);
    expectAll(await runPool([memberOf(small), memberOf(large)], rows, options), 20);
    expectAll(await runPool([memberOf(small), memberOf(another)], rows, options), 20);
    expect(JSON.stringify(another.ledger.entries)).toContain("long long");
  });

  it("refusals in the journal of a pool's member that answers nothing do not hide what the others answered", async () => {
    await using good = await startSimulator();
    await using wrong = await startSimulator({ faults: () => ({ kind: "status", status: 400 }) });
    const journal = memoryJournal();
    const first = await runPool([memberOf(wrong), memberOf(good)], 40, { journal });
    expectAll(first, 40);
    const asked = wrong.ledger.received + good.ledger.received;
    const again = await runPool([memberOf(wrong), memberOf(good)], 40, { journal });
    expect(texts(again)).toEqual(texts(first));
    expect(wrong.ledger.received + good.ledger.received).toBe(asked);
  });
});

describe("what members of a pool do without, in the journal", () => {
  it.for([0, 1])(
    "a resumed pool finds what its members do without, in any order of the members, and pays for nothing twice (%i)",
    async (first) => {
      await using one = await startSimulator({ latency: { kind: "fixed", ms: 1 } });
      await using other = await startSimulator({
        latency: { kind: "fixed", ms: 1 },
        faults: () => ({ kind: "unsupportedParameter", name: "temperature" }),
      });
      const members = (): PoolMember[] => {
        const both = [memberOf(one), memberOf(other)];
        return first === 0 ? both : both.toReversed();
      };
      const options: CompletionOptions = { journal: memoryJournal(), temperature: 0.3, concurrency: 16 };
      const answered = await runPool(members(), 200, options);
      expectAll(answered, 200);
      const asked = one.ledger.received + other.ledger.received;
      expect(other.ledger.answered().length).toBeGreaterThan(20);
      for (const again of [members(), members().toReversed()]) {
        const found = await runPool(again, 200, options);
        expect(texts(found)).toEqual(texts(answered));
      }
      expect(one.ledger.received + other.ledger.received).toBe(asked);
    },
  );
});

describe("a member's refusal that the journal does not have for a row", () => {
  it("a member's refusal that the journal lacks costs nothing, and then its answers without that parameter are found", async () => {
    await using cool = await startSimulator({
      faults: () => ({ kind: "unsupportedParameter", name: "temperature" }),
    });
    const options: CompletionOptions = { journal: memoryJournal(), temperature: 0.3 };
    const rows = prompts(20);
    expectAll(await runPool([memberOf(cool)], rows, options), 20);
    // The refusal was the first row's.
    const rest = await runPool([memberOf(cool)], rows.slice(1), options);
    expect([rest.error, failures(rest)]).toEqual([undefined, {}]);
    expect(cool.ledger.answered()).toHaveLength(20);
    expect(rest.stage.progress()).toMatchObject({ amendments: ["omit:temperature"], usage: { requests: 1 } });
  });
});

describe("members of a pool that are away when a run goes on", () => {
  it("members of a pool that answered before and are away when the run is resumed are waited for", async () => {
    let isDown = false;
    let refused = 0;
    const faults = (): Fault | undefined => {
      if (isDown && ++refused > 20) isDown = false;
      return isDown ? { kind: "status", status: 500 } : undefined;
    };
    await using one = await startSimulator({ faults });
    await using other = await startSimulator({ faults });
    const members = (): PoolMember[] => [memberOf(one), memberOf(other)];
    const options: CompletionOptions = { journal: memoryJournal() };
    expectAll(await runPool(members(), 30, options), 30);
    isDown = true;
    const again = await runPool(members(), 60, options);
    expectAll(again, 60);
    expect(refused).toBeGreaterThan(20);
  });
});

describe("a refusal in a row that another member has answered", () => {
  it("a stored refusal tells what later rows were asked without, even where another member answered that row", async () => {
    await using one = await startSimulator({ latency: { kind: "fixed", ms: 1 } });
    // It refuses the temperature, and fails when it is asked without.
    await using cool = await startSimulator({
      latency: { kind: "fixed", ms: 1 },
      faults: ({ sequence }) =>
        sequence === 2
          ? { kind: "status", status: 500 }
          : { kind: "unsupportedParameter", name: "temperature" },
    });
    const members = (): PoolMember[] => [memberOf(one), memberOf(cool)];
    const options: CompletionOptions = { journal: memoryJournal(), temperature: 0.3, concurrency: 8 };
    const first = await runPool(members(), 400, options);
    expectAll(first, 400);
    const [refusal] = cool.ledger.entries;
    expect(one.ledger.entries.map(documentOf)).toContain(refusal === undefined ? -1 : documentOf(refusal));
    expect(cool.ledger.received).toBeGreaterThan(20);
    const again = await runPool(members(), 400, options);
    expect(texts(again)).toEqual(texts(first));
    expect(again.stage.progress().usage.requests).toBe(0);
  });
});

describe("several choices a row in the journal", () => {
  const anthropicOf = ({ urls, apiKey }: Awaited<ReturnType<typeof startSimulator>>): PoolMember => ({
    provider: anthropic({ model: "sim", baseUrl: urls.anthropic, apiKey }),
    limiter: createLimiter({ clock }),
  });

  it("all choices of a row are found again from members with and without n, in any order", async () => {
    await using server = await startSimulator();
    const options: CompletionOptions = { journal: memoryJournal(), n: 3, maxTokens: 50 };
    const first = await runPool([memberOf(server), anthropicOf(server)], 40, options);
    expectAll(first, 40);
    for (const item of first.items) expect(item).toMatchObject({ completion: { choices: { length: 3 } } });
    expect(server.ledger.received).toBe(120);
    const again = await runPool([anthropicOf(server), memberOf(server)], 40, options);
    expect(texts(again)).toEqual(texts(first));
    expect(server.ledger.received).toBe(120);
  });

  it("a pool that is run again after an early end asks only for the choices that are missing", async () => {
    await using server = await startSimulator({ latency: { kind: "fixed", ms: 2 } });
    const journal: Journal = memoryJournal();
    const options: CompletionOptions = { journal, n: 3, maxTokens: 50, concurrency: 12, order: "completion" };
    const members = () => [memberOf(server), anthropicOf(server)];
    const abort = new AbortController();
    await runPool(members(), 40, { ...options, signal: abort.signal }, ({ index }) => {
      if (index >= 15) abort.abort(new Error("enough"));
    });
    const kept = new Set(Array.from(journal.records(), ({ key }) => key)).size;
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(110);
    const rest = await runPool(members(), 40, { ...options, order: "input" });
    expectAll(rest, 40);
    expect(rest.stage.progress().usage.requests).toBe(120 - kept);
    expect([...journal.records()]).toHaveLength(120);
  });
});

describe("a pool's budget in the journal", () => {
  it("the budget of a resumed pool counts what the run had paid at any member", async () => {
    await using one = await startSimulator();
    await using other = await startSimulator();
    const journal = memoryJournal();
    const provider = ({ baseUrl, apiKey }: typeof one) => openai({ model: "sim", baseUrl, apiKey });
    const members = [provider(one), provider(other)];
    const begin = () => journal.begin({ identity: "the same" });
    const budget = { maxRequests: 50 };
    const first = await begin();
    const stopped = await runPool(members, 80, { journal: first, budget });
    expect(stopped.error).toMatchObject({ code: "BUDGET_EXHAUSTED" });
    await first.end("stopped");
    const more = await runPool(members.toReversed(), 80, {
      journal: await begin(),
      budget: { maxRequests: 60 },
    });
    expect(more.error).toMatchObject({ code: "BUDGET_EXHAUSTED" });
    expect(one.ledger.received + other.ledger.received).toBe(60);
    expect(more.stage.progress().paidBefore.usage.requests).toBe(50);
  });
});
