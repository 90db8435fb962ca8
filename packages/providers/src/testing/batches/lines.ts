import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import { isRecord } from "@parallel-parrot/core";
import { AS_STREAM } from "../../amendments.ts";
import type { BatchDialect } from "../../batch/batch-dialect.ts";
import type { Provider } from "../../provider.ts";
import { CALL, JSON_CALL, NONE, stringsIn } from "../samples.ts";
import { KEY } from "./samples.ts";

/** Tests that a line has the direct request's body in it, and the key. */
export function testLines(it: RegisterTest, provider: Provider, batch: BatchDialect): void {
  it("writes a request of a batch on one line, with the body of the direct request and its key", async () => {
    for (const call of [CALL, JSON_CALL]) {
      const direct = provider.buildRequest(call, NONE);
      const line = batch.writeLine(direct, KEY);
      assert.ok(!/[\r\n]/.test(line), "the line has a line end in it");
      const parsed: unknown = JSON.parse(line);
      assert.ok(stringsIn(parsed).includes(KEY), "the key is not in the line");
      const body: unknown = JSON.parse(direct.body);
      assert.ok(
        objectsIn(parsed).some((each) => isSame(withoutModel(each), withoutModel(body))),
        "the body of the direct request is not in the line, or is changed",
      );
      const spread = { ...direct, body: JSON.stringify(body, undefined, 2) };
      const again: unknown = JSON.parse(batch.writeLine(spread, KEY));
      assert.deepEqual(again, parsed, "a body on several lines is written otherwise");
    }
  });

  it("asks for no stream in a batch, also where direct requests do", async () => {
    const streamed = provider.buildRequest(CALL, new Set([AS_STREAM]));
    const plain = batch.writeLine(provider.buildRequest(CALL, NONE), KEY);
    assert.equal(batch.writeLine(streamed, KEY), plain);
  });
}

function objectsIn(value: unknown): readonly Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return isRecord(value) ? [value, ...inner] : inner;
}

function withoutModel(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { model: _, ...others } = value;
  return others;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
