import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type { GenerationParams } from "../generation-params.ts";
import type { Call, ProviderRequest } from "../provider.ts";
import { CALL, JSON_CALL, keysIn, NONE, SECRET, stringsIn } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/**
 * Names of parameters that must be absent if nobody set them. A limit of output is not among them: some APIs need it.
 */
const SAMPLING =
  /^(?:temperature|top_?p|(?:random_?)?seed|stop(?:_?sequences)?|(?:presence|frequency)_?penalty|logit_?bias|user(?:_?id)?|safety_?identifier)$/i;

/** Values that no request has by chance. The words of a reasoning effort differ by API: they have a test of their own. */
const PARAMS: Required<Omit<GenerationParams, "reasoningEffort">> = {
  temperature: 0.125,
  topP: 0.375,
  maxTokens: 7919,
  seed: 104_729,
  stop: ["«stop»"],
  presencePenalty: 0.3125,
  frequencyPenalty: 0.4375,
  logitBias: { "65537": -7.25 },
  endUser: "user-«7»",
};

/** Tests that requests are pure and complete, and carry nothing that the user did not set. */
export function testRequests(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);
  const build = (call: Call): ProviderRequest => provider.buildRequest(call, NONE);

  it("builds the same bytes from the same call, and a URL below its base URL", async () => {
    const request = build(CALL);
    assert.deepEqual(build(CALL), request, "the same call gives two requests");
    const isBelow = request.url.startsWith(new URL(provider.baseUrl).origin);
    assert.ok(isBelow, `the url ${request.url} is not below ${provider.baseUrl}`);
    assert.doesNotThrow(() => void JSON.parse(request.body), "the body is no JSON");
  });

  it("sends every message, in order and unchanged", async () => {
    const strings = stringsIn(JSON.parse(build(CALL).body));
    const found = CALL.prompt.messages.map(({ content }) => strings.indexOf(content));
    assert.ok(!found.includes(-1), "a message is missing or changed");
    // The system message may stand in a field of its own; the turns keep their order.
    const turns = found.slice(1);
    const isInOrder = turns.every((place, turn) => place >= (turns[turn - 1] ?? 0));
    assert.ok(isInOrder, "the turns are in another order");
  });

  it("knows a request by the same bytes whether all prompts share its beginning or not", async () => {
    const { messages } = CALL.prompt;
    const rules = { role: "system", content: "Rules. ".repeat(200).trim() } as const;
    const [, ...turns] = messages;
    const prompt = { messages: [rules, ...turns] };
    const plain = build({ ...CALL, prompt });
    for (const prefix of [
      { messages: 1, characters: 0 },
      { messages: messages.length - 1, characters: 2 },
      { messages: messages.length, characters: 0 },
    ]) {
      const request = build({ ...CALL, prompt: { ...prompt, prefix } });
      const { url, body } = plain;
      assert.deepEqual(request.plain ?? { url: request.url, body: request.body }, { url, body });
      const isMarked = request.body !== body;
      assert.equal(request.isMarked ?? false, isMarked, "isMarked is wrong");
      const takesMarks = provider.promptCache?.by === "marks";
      assert.ok(takesMarks || !isMarked, "a request is marked although promptCache does not say so");
    }
  });

  it("sends a parameter only when it is set, and only if its capabilities have it", async () => {
    const { params: taken } = provider.capabilities;
    const without = build(CALL).body;
    const unasked = keysIn(JSON.parse(without)).find((key) => SAMPLING.test(key));
    assert.equal(unasked, undefined, `${unasked} is sent although nobody set it`);
    for (const [name, value] of Object.entries(PARAMS)) {
      const literal = JSON.stringify(value);
      const sent = build({ ...CALL, params: { [name]: value } }).body;
      assert.ok(!without.includes(literal), `${name} is sent although nobody set it`);
      // Not every API has every parameter; one that it lacks must not change the request.
      assert.ok(sent.includes(literal) || sent === without, `${name} changes the request but is not in it`);
      if (taken !== undefined)
        assert.equal(
          sent !== without,
          taken.some((param) => param === name),
          `capabilities.params is wrong about ${name}`,
        );
    }
  });

  it("tells a maximum of output tokens only if the request has it", async () => {
    const call = { ...CALL, params: { maxTokens: 7919 } };
    const amendments = spec.errors.flatMap(({ response }) => {
      const answer = provider.readResponse(response, NONE);
      return !answer.ok && answer.rejection.verdict === "amend" ? [answer.rejection.amendment] : [];
    });
    const amended = amendments.map((amendment) => provider.buildRequest(call, new Set([amendment])));
    for (const { body, maxOutputTokens } of [build(CALL), build(call), ...amended]) {
      if (maxOutputTokens === undefined) continue;
      assert.ok(body.includes(JSON.stringify(maxOutputTokens)), `the cap ${maxOutputTokens} is not sent`);
    }
  });

  it("asks for the wanted shape by its schema or in words", async () => {
    const { body } = build(JSON_CALL);
    assert.ok(body !== build(CALL).body, "a wanted shape leaves the request as it was");
    assert.ok(body.includes("colour"), "neither the schema nor the instructions are in the request");
  });

  it("sends a reasoning effort or leaves the request unchanged", async () => {
    const changes = build({ ...CALL, params: { reasoningEffort: "high" } }).body !== build(CALL).body;
    const { params: taken = changes ? ["reasoningEffort"] : [] } = provider.capabilities;
    assert.equal(
      changes,
      taken.includes("reasoningEffort"),
      "capabilities.params is wrong about reasoningEffort",
    );
    for (const reasoningEffort of ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const) {
      assert.doesNotThrow(
        () => void JSON.parse(build({ ...CALL, params: { reasoningEffort } }).body),
        reasoningEffort,
      );
    }
  });

  it("asks for several choices if it says that it can", async () => {
    if (!provider.capabilities.nativeN) return;
    const isSame = build({ ...CALL, n: 3 }).body === build(CALL).body;
    assert.ok(!isSame, "n leaves the request as it was, although capabilities.nativeN says that it is taken");
  });
}
