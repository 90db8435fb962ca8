import { AsyncLocalStorage } from "node:async_hooks";
import diagnosticsChannel from "node:diagnostics_channel";
import { isFailed } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal } from "@parallel-parrot/journal";
import { openai, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { documentOf, prompts } from "../../fixtures/prompts.ts";
import { clock, memberOf, runOne, runPool } from "../../fixtures/run-pool.ts";
import {
  completionStream,
  createLimiter,
  EVENT_TYPES,
  subscribe,
  type CompletionOptions,
  type EventOf,
  type EventType,
  type RunEvent,
} from "../index.ts";

const at = ({ baseUrl, apiKey }: Pick<Simulator, "baseUrl" | "apiKey">): Provider =>
  openai({ model: "sim", baseUrl, apiKey });

/** Keeps what `onEvent` is called with. */
class Heard {
  readonly events: RunEvent[] = [];
  readonly onEvent = (event: RunEvent): void => void this.events.push(event);

  of<Type extends EventType>(...types: readonly Type[]): readonly EventOf<Type>[] {
    const wanted = new Set<string>(types);
    return this.events.filter((event): event is EventOf<Type> => wanted.has(event.type));
  }
}

const fast = (): CompletionOptions => ({ limiter: createLimiter({ clock }) });

describe("events of a run", () => {
  it("each row is told of once when it begins and once when it ends, and each request with what became of it", async () => {
    const heard = new Heard();
    await using simulator = await startSimulator({
      faults: (request) => {
        if (documentOf(request) === 3) return { kind: "contentFilter", at: "prompt" };
        return documentOf(request) === 5 && request.attempt === 1
          ? { kind: "status", status: 500 }
          : undefined;
      },
    });
    const { stage } = await runOne(at(simulator), 8, { ...fast(), onEvent: heard.onEvent });
    const rows = Array.from({ length: 8 }, (_, index) => index);
    expect(heard.of("row:start").map(({ row }) => row.index)).toEqual(rows);
    const ends = heard
      .of("row:end")
      .toSorted((one, other) => Number(one.row.index) - Number(other.row.index));
    expect(ends.map(({ row, outcome, code }) => [row.index, outcome, code])).toEqual(
      rows.map((index) =>
        index === 3 ? [index, "failed", "CONTENT_FILTERED"] : [index, "completed", undefined],
      ),
    );
    expect(ends[5]).toMatchObject({ row: { attempts: 2 }, completion: { usage: { requests: 2 } } });
    const attempts = heard.of("attempt:end").filter(({ row }) => row === ends[5]?.row);
    expect(attempts.map(({ attempt, outcome, status, code }) => [attempt, outcome, status, code])).toEqual([
      [1, "retry", 500, "SERVER_ERROR"],
      [2, "answered", 200, undefined],
    ]);
    expect(attempts[1]?.completion?.choices).toHaveLength(1);
    expect(heard.of("attempt:start")).toHaveLength(9);
    expect(new Set(heard.of("wait").map(({ reason }) => reason))).toContain("first-row");
    // All are of one run, in the order of time.
    expect(new Set(heard.events.map(({ run }) => run)).size).toBe(1);
    const times = heard.events.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    const { retries, throttles, errors } = stage.progress();
    expect({ retries, throttles, errors }).toEqual({
      retries: 1,
      throttles: 0,
      errors: { SERVER_ERROR: 1, CONTENT_FILTERED: 1 },
    });
  });

  it("what is asked and answered can be read from the events, and the key is in none of them", async () => {
    const heard = new Heard();
    await using simulator = await startSimulator();
    await runOne(at(simulator), 2, { ...fast(), onEvent: heard.onEvent });
    const [start] = heard.of("attempt:start");
    expect(start).toMatchObject({
      provider: "openai",
      model: "sim",
      baseUrl: simulator.baseUrl,
      call: { prompt: { messages: [{ role: "user", content: "Summarise document 0." }] } },
    });
    expect(JSON.stringify(heard.events)).not.toContain(simulator.apiKey);
  });

  it("the same events come on the channels of node:diagnostics_channel, and subscribe ends with what it returns", async () => {
    const types: unknown[] = [];
    const listen = (event: unknown, name: string | symbol): void =>
      void types.push([name, (event as RunEvent).type]);
    diagnosticsChannel.subscribe("parallel-parrot:row:end", listen);
    const ended: number[] = [];
    const end = subscribe("row:end", ({ row }) => ended.push(Number(row.index)));
    await using simulator = await startSimulator();
    await runOne(at(simulator), 2, fast());
    end();
    diagnosticsChannel.unsubscribe("parallel-parrot:row:end", listen);
    await runOne(at(simulator), 2, fast());
    expect(new Set(ended)).toEqual(new Set([0, 1]));
    expect(types).toEqual([
      ["parallel-parrot:row:end", "row:end"],
      ["parallel-parrot:row:end", "row:end"],
    ]);
    const isHeard = EVENT_TYPES.map((type) => diagnosticsChannel.hasSubscribers(`parallel-parrot:${type}`));
    expect(isHeard).toEqual(EVENT_TYPES.map(() => false));
  });

  it("throttling tells the waits and the cuts, and headers tell the limits", async () => {
    const heard = new Heard();
    await using simulator = await startSimulator({
      limits: { requestsPerMinute: 6000 },
      faults: ({ sequence }) => (sequence > 4 && sequence < 8 ? { kind: "status", status: 429 } : undefined),
    });
    const { stage } = await runOne(at(simulator), 30, { ...fast(), onEvent: heard.onEvent });
    expect(heard.of("limit")[0]?.limits).toMatchObject([{ dimension: "requests", limit: 6000 }]);
    expect(heard.of("cut").length).toBeGreaterThan(0);
    expect(heard.of("attempt:end").filter(({ outcome }) => outcome === "wait")).toHaveLength(3);
    expect(stage.progress()).toMatchObject({ throttles: 3, errors: { RATE_LIMITED: 3 } });
  });

  it("an outage opens the breaker and its end closes it, and the rows that waited tell so", async () => {
    const heard = new Heard();
    await using simulator = await startSimulator({
      faults: ({ sequence }) =>
        sequence > 30 && sequence < 60 ? { kind: "status", status: 500 } : undefined,
    });
    await runOne(at(simulator), 200, { ...fast(), concurrency: 32, onEvent: heard.onEvent });
    const states = heard.of("breaker").map(({ state }) => state);
    expect(states.length).toBeGreaterThan(0);
    expect(states).toEqual(states.map((_, number) => (number % 2 === 0 ? "open" : "closed")));
    expect(heard.of("wait").map(({ reason }) => reason)).toContain("outage");
  });

  it("a member of a pool that is away is told of by its name and address", async () => {
    const heard = new Heard();
    await using good = await startSimulator();
    await using bad = await startSimulator({ faults: () => ({ kind: "noCredit" }) });
    await runPool([memberOf(good), memberOf(bad)], 20, { onEvent: heard.onEvent });
    expect(heard.of("breaker")).toMatchObject([{ state: "open", baseUrl: bad.baseUrl }]);
    expect(new Set(heard.of("attempt:start").map(({ baseUrl }) => baseUrl))).toEqual(
      new Set([good.baseUrl, bad.baseUrl]),
    );
  });

  it("answers from the journal are told of, and nothing is sent for them", async () => {
    const journal = memoryJournal();
    await using simulator = await startSimulator();
    await runOne(at(simulator), 5, { ...fast(), journal });
    const heard = new Heard();
    await runOne(at(simulator), 5, { ...fast(), journal, onEvent: heard.onEvent });
    expect(heard.of("journal:hit").map(({ row }) => row.index)).toEqual([0, 1, 2, 3, 4]);
    expect(heard.of("attempt:start")).toEqual([]);
    expect(heard.of("row:end").map(({ row }) => row.attemptsBefore)).toEqual([1, 1, 1, 1, 1]);
    expect(heard.of("row:start")).toHaveLength(5);
  });

  it("rows between those of the journal are told of once, each before what is found of it", async () => {
    const journal = memoryJournal();
    await using simulator = await startSimulator();
    const some = prompts(9).filter(({ index }) => index % 3 !== 2);
    await runOne(at(simulator), some, { ...fast(), journal });
    const heard = new Heard();
    await runOne(at(simulator), 9, { ...fast(), journal, onEvent: heard.onEvent });
    expect(heard.of("row:start").map(({ row }) => row.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(heard.of("row:end").map(({ row }) => row))).toEqual(
      new Set(heard.of("row:start").map(({ row }) => row)),
    );
    const places = heard.of("journal:hit").map((hit) => {
      const start = heard.of("row:start").find(({ row }) => row === hit.row);
      return start !== undefined && heard.events.indexOf(start) < heard.events.indexOf(hit);
    });
    expect(places).toEqual([true, true, true, true, true, true]);
  });

  it("a row that is asked again because of its answer tells what is wrong with it", async () => {
    const heard = new Heard();
    await using simulator = await startSimulator();
    await runOne(at(simulator), 1, {
      ...fast(),
      onEvent: heard.onEvent,
      output: {
        shape: { type: "text" },
        columns: [],
        read: () => ({ ok: false, code: "INVALID_OUTPUT", message: "It is not a haiku" }),
      },
    });
    expect(heard.of("reask").map(({ number, problem }) => [number, problem])).toEqual([
      [1, "It is not a haiku"],
      [2, "It is not a haiku"],
    ]);
  });

  it("a request is sent inside of what a listener gives, so that a context of its own holds there", async () => {
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const end = subscribe("attempt:start", (event) => {
      event.sendWithin((send) => store.run(`row ${event.row.index}`, send));
    });
    const sees = (): unknown => seen.push(store.getStore());
    diagnosticsChannel.subscribe("undici:request:create", sees);
    await using simulator = await startSimulator();
    await runOne(at(simulator), 3, fast());
    diagnosticsChannel.unsubscribe("undici:request:create", sees);
    end();
    expect(new Set(seen)).toEqual(new Set(["row 0", "row 1", "row 2"]));
  });

  it("a listener that throws stops the run, which keeps and gives on what is in flight", async () => {
    await using simulator = await startSimulator();
    const journal = memoryJournal();
    const stage = completionStream(at(simulator), {
      ...fast(),
      journal,
      onStop: "close",
      onEvent: ({ type }) => {
        if (type === "attempt:end") throw new Error("My listener is broken");
      },
    });
    const items = await Array.fromAsync(sourceOf(prompts(50)).pipeThrough(stage));
    expect(stage.stopped?.message).toBe("My listener is broken");
    expect(items.every((item) => !isFailed(item))).toBe(true);
    // Whatever was paid for has come out.
    expect(items).toHaveLength(simulator.ledger.received);
  });
});
