import { describe, expect, it } from "vitest";
import { isFailed } from "@parallel-parrot/core";
import { openai, type Provider } from "@parallel-parrot/providers";
import {
  startSimulator,
  type FaultScript,
  type LoadingForm,
  type Simulator,
} from "@parallel-parrot/simulator";
import { runOne, runWatched } from "../../fixtures/run-pool.ts";
import { createLimiter, createScaledClock, pool } from "../index.ts";

const MINUTE = 60_000;

const providerOf = ({ baseUrl, apiKey }: Simulator): Provider => openai({ model: "sim", baseUrl, apiKey });
/** A minute takes a twentieth of a second. */
const fastLimiter = () => createLimiter({ clock: createScaledClock(1200) });

/** Loading for so many requests, and fine from then on. */
const loadingFor =
  (requests: number, form: LoadingForm = "llamaCpp"): FaultScript =>
  ({ sequence }) =>
    sequence <= requests ? { kind: "loading", form } : undefined;

describe("a server that loads its model", () => {
  it.each<LoadingForm>(["llamaCpp", "huggingFace", "ollama"])(
    "a server that loads its model is waited for at the first request, and told as what it is: %s",
    async (form) => {
      await using simulator = await startSimulator({ faults: loadingFor(12, form) });
      const { items, error, seen } = await runWatched(providerOf(simulator), 10, { limiter: fastLimiter() });
      expect([error, items.length, items.some(isFailed)]).toEqual([undefined, 10, false]);
      expect(simulator.ledger.received).toBe(22);
      expect(seen.flatMap(({ waits }) => waits)).toContainEqual(
        expect.objectContaining({
          kind: "outage",
          isLoading: true,
          message: expect.stringMatching(/HTTP 50[03].*loading/i),
        }),
      );
    },
  );

  it("a server that loads its model is waited for after answers as well: no row fails, and nothing but single requests is sent meanwhile", async () => {
    const faults: FaultScript = ({ sequence }) =>
      sequence > 3 && sequence <= 20 ? { kind: "loading" } : undefined;
    await using simulator = await startSimulator({ faults });
    const { items, error } = await runOne(providerOf(simulator), 10, { limiter: fastLimiter() });
    expect([error, items.length, items.some(isFailed)]).toEqual([undefined, 10, false]);
  });

  it("a server that loads its model is not waited for longer than maxOutageMs, and the run says what it waited for", async () => {
    await using simulator = await startSimulator({ faults: () => ({ kind: "loading" }) });
    const limiter = fastLimiter();
    const { items, error } = await runOne(providerOf(simulator), 10, { limiter, maxOutageMs: MINUTE });
    expect(items).toEqual([]);
    expect(error).toMatchObject({
      code: "OUTAGE",
      option: "maxOutageMs",
      message: expect.stringMatching(/ has been loading its model for \d+ s, .*maxOutageMs .*Loading model/),
    });
  });

  it("a server that loads its model is waited for in a pool, in which no other member is left", async () => {
    await using loading = await startSimulator({ faults: loadingFor(12) });
    const dead = openai({ model: "sim", baseUrl: "http://127.0.0.1:9/v1", apiKey: "k" });
    const members = [providerOf(loading), dead].map((provider) => ({ provider, limiter: fastLimiter() }));
    const { items, error } = await runOne(pool(members), 10);
    expect([error, items.length, items.some(isFailed)]).toEqual([undefined, 10, false]);
  });
});
