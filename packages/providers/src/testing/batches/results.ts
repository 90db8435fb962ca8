import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type { BatchDialect } from "../../batch/batch-dialect.ts";
import type { Provider, ProviderResponse } from "../../provider.ts";
import { NONE } from "../samples.ts";
import type { BatchResultFixture, BatchSpec } from "../spec.ts";

/** Tests that lines of results are read as the fixtures say, and are judged as direct responses. */
export function testResults(
  it: RegisterTest,
  provider: Provider,
  batch: BatchDialect,
  spec: BatchSpec,
): void {
  for (const fixture of spec.results)
    it(`reads the recorded line of results: ${fixture.name}`, async () => {
      const result = batch.readResult(fixture.line);
      assert.equal(result?.key, fixture.key);
      if (result === undefined || !("response" in result))
        assert.deepEqual(result, { key: fixture.key, lost: fixture.lost });
      else assertJudged(provider, result.response, fixture);
    });

  it("has recorded lines with an answer, with an error, and without either", async () => {
    assert.ok(
      spec.results.some(({ text }) => text !== undefined),
      "no line has an answer",
    );
    assert.ok(
      spec.results.some(({ verdict }) => verdict !== undefined),
      "no line has an error",
    );
  });

  it("takes what is no line of results for none, and never throws", async () => {
    const lines = spec.results.map(({ line }) => line);
    const broken = lines.flatMap((line) => [line.slice(0, -1), line.slice(0, line.length / 2)]);
    for (const line of [
      "",
      " ",
      "{}",
      "[]",
      "null",
      "7",
      '{"key":""}',
      '{"custom_id":7}',
      "<html>",
      ...broken,
    ])
      assert.equal(batch.readResult(line), undefined, line);
  });
}

function assertJudged(provider: Provider, response: ProviderResponse, fixture: BatchResultFixture): void {
  assert.equal(fixture.lost, undefined, "a lost request has a response");
  const answer = provider.readResponse(response, NONE);
  if (answer.ok) assert.equal(answer.completion.choices[0]?.text, fixture.text);
  else {
    assert.equal(answer.rejection.verdict, fixture.verdict, answer.rejection.message);
    assert.equal(answer.rejection.code, fixture.code);
  }
}
