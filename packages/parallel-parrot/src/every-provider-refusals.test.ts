import type { Provider } from "@parallel-parrot/providers";
import type { Fault } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { ask, CASES, factsOf, having, lacking, ROWS, setStage, SOON } from "../fixtures/every-provider.ts";

const { simulator, begin, make } = await setStage();

const BLOCKED: Fault = { kind: "contentFilter", at: "prompt" };

/** Sends one request by hand, and gives what the simulator says of it. */
async function send(provider: Provider): Promise<string> {
  const prompt = { messages: [{ role: "user", content: "Hi" }] } as const;
  const request = provider.buildRequest({ prompt, params: {}, shape: { type: "text" }, n: 1 }, new Set());
  const { method, url, body } = request;
  const headers = { ...request.headers, ...(await provider.authorize(request)) };
  return (await fetch(url, { method, headers, body })).text();
}

describe("a wrong key", () => {
  it.each(having("wrongKey"))(
    "a wrong key stops a run with $name, after the requests of two rows",
    async ({ entry, code }) => {
      const { answers, run } = await ask(make(entry, { apiKey: "wrong" }));
      expect(run.stopped).toMatchObject({ code });
      expect(run.stopped?.message).not.toContain("wrong");
      expect(answers).toEqual([]);
      expect(simulator.ledger.received).toBe(2);
    },
  );

  it.each(lacking("wrongKey"))("a wrong key is nothing to $name: $why", async ({ entry }) => {
    const { answers } = await ask(make(entry, { apiKey: "wrong" }));
    expect(answers).toHaveLength(ROWS.length);
  });
});

describe.each(CASES)("$name", (entry) => {
  it(`a run with ${entry.name} stops at an unknown model, after the requests of two rows`, async () => {
    const { run } = await ask(make(entry, { model: "nope" }));
    expect(run.stopped).toMatchObject({ code: "MODEL_NOT_FOUND" });
    expect(simulator.ledger.received).toBe(2);
  });

  it(`a run with ${entry.name} waits after a refusal for the rate, which does not count as an attempt of the row`, async () => {
    const refused = 2 + factsOf(entry).besides;
    begin(({ sequence }) =>
      sequence === refused ? { kind: "status", status: 429, headers: SOON } : undefined,
    );
    const { answers, run } = await ask(make(entry));
    expect(answers).toHaveLength(3);
    expect(run.failures).toEqual([]);
    expect(simulator.ledger.entries.map(({ status }) => status)).toContain(429);
    expect(run.usage.requests).toBe(4);
  });
});

describe("an answer that a filter took away", () => {
  const FILTERED: Fault = { kind: "contentFilter" };

  it.each(having("filteredAnswer"))(
    "an answer that a filter took away is the failure of its row with $name",
    async ({ entry, code }) => {
      begin(({ sequence }) => (sequence === 1 ? FILTERED : undefined));
      const { answers, run } = await ask(make(entry));
      expect(answers).toHaveLength(2);
      expect(run.failures).toMatchObject([{ index: 0, failure: { code } }]);
    },
  );

  it.each(lacking("filteredAnswer"))(
    "an answer that a filter took away does not come from $name: $why",
    async ({ entry }) => {
      begin(() => FILTERED);
      expect(await send(make(entry))).toContain("has no filter of answers");
    },
  );
});

// As many malformed requests at the start would end the run.
describe.each([1, 4])("%i blocked prompts at the start", (count) => {
  it.each(having("blockedPrompt"))(
    `blocked prompts at the start (${count}) are the failures of their rows with $name`,
    async ({ entry, code }) => {
      begin(({ body }) => (JSON.stringify(body).includes("forbidden") ? BLOCKED : undefined));
      const blocked = Array.from({ length: count }, (_, index) => ({ text: `A forbidden thing, ${index}` }));
      const { answers, run } = await ask(make(entry), { rows: [...blocked, ...ROWS] });
      expect(run.stopped).toBeUndefined();
      expect(answers.map(({ text }) => text)).toEqual(ROWS.map(({ text }) => text));
      expect(run.failures.map(({ index, failure }) => [index, failure.code])).toEqual(
        blocked.map((_, index) => [index, code]),
      );
    },
  );
});

it.each(lacking("blockedPrompt"))("$name blocks no prompts: $why", async ({ entry }) => {
  begin(() => BLOCKED);
  expect(await send(make(entry))).toContain("has no filter of prompts");
});
