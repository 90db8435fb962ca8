import { describe, expect, it } from "vitest";
import type { Rejection } from "@parallel-parrot/providers";
import { startSimulator, type Fault } from "@parallel-parrot/simulator";
import { Agent, type Dispatcher } from "undici";
import { createAgent } from "../http/agent.ts";
import { InFlight } from "../http/in-flight.ts";
import { Patience } from "../waiting/patience.ts";
import { createHttpClient } from "../http/http-client.ts";
import { rejectHttpError, RejectionError } from "./rejection-error.ts";
import { outcomeOf } from "./outcome.ts";

/** What a real request that fails tells. */
async function outcomeOfRequest(url: string, agent: Dispatcher, timeoutMs = 10_000): Promise<string> {
  const client = createHttpClient({
    dispatcher: agent,
    inFlight: new InFlight(new Patience(timeoutMs)),
    maxBytes: 1000,
  });
  const body = JSON.stringify({ model: "sim", messages: [{ role: "user", content: "Hello" }] });
  const headers = { "content-type": "application/json" };
  try {
    const credentials = { authorization: "Bearer sim-key" };
    await client.post({ method: "POST", url, headers, body }, credentials, new AbortController().signal);
    return "answered";
  } catch (error) {
    return outcomeOf(rejectHttpError(error));
  } finally {
    await agent.destroy();
  }
}

describe("outcomeOf: what a failed attempt shows of the server", () => {
  const agents: [string, () => Dispatcher][] = [
    ["our agent", createAgent],
    ["undici's", () => new Agent()],
  ];

  describe.each(agents)("through %s", (_, agent) => {
    it.each<[string, Fault, string]>([
      ["a reset", { kind: "reset" }, "failed"],
      ["a server that hangs up", { kind: "hangUp" }, "failed"],
      ["a reset in the middle of the body", { kind: "resetMidBody" }, "failed"],
      ["no answer in time", { kind: "stall" }, "failed"],
      ["a response that cannot be read", { kind: "gzip", damaged: true }, "failed"],
      ["a response that is too large", { kind: "hugeBody", bytes: 10_000 }, "alive"],
    ])("a failed attempt tells whether %s shows a server in trouble", async (_, fault, outcome) => {
      await using simulator = await startSimulator({ faults: () => fault });
      // Only the request that waits in vain has a short time: a busy machine is slow with the others.
      const timeoutMs = fault.kind === "stall" ? 100 : 60_000;
      expect(await outcomeOfRequest(`${simulator.baseUrl}/chat/completions`, agent(), timeoutMs)).toBe(
        outcome,
      );
    });

    it("a failed attempt tells a request that was never sent from one that was lost", async () => {
      await using simulator = await startSimulator();
      await simulator.setReachable(false);
      expect(await outcomeOfRequest(`${simulator.baseUrl}/chat/completions`, agent())).toBe("unreached");
      expect(await outcomeOfRequest("http://nowhere.invalid/v1", agent())).toBe("unreached");
    });
  });

  it.each<[Rejection, string]>([
    [{ verdict: "retry", code: "SERVER_ERROR", message: "" }, "failed"],
    [{ verdict: "fail", code: "SERVER_ERROR", message: "x-should-retry: false" }, "failed"],
    [{ verdict: "retry", code: "INVALID_OUTPUT", message: "" }, "alive"],
    [{ verdict: "wait", code: "RATE_LIMITED", message: "" }, "alive"],
    [{ verdict: "fail", code: "BAD_REQUEST", message: "" }, "alive"],
    [{ verdict: "amend", code: "BAD_REQUEST", message: "", amendment: "omit:seed" }, "alive"],
    [{ verdict: "stop", code: "AUTHENTICATION", message: "" }, "nothing"],
  ])("outcomeOf reads the rejection %j as %s", (rejection, outcome) => {
    expect(outcomeOf(new RejectionError(rejection))).toBe(outcome);
  });

  it("outcomeOf learns nothing about the server from an aborted request", () => {
    expect(outcomeOf(new Error("enough"))).toBe("nothing");
  });
});
