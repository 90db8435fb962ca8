import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { Stage } from "./stage.ts";

/** A test registrar: `it` or `test` of vitest, node:test, jest or bun. */
export type RegisterTest = (name: string, run: () => Promise<void>) => unknown;

/** What {@linkcode testStage} needs to know of a stage. */
export interface StageSpec<In, Out> {
  /** Makes a fresh stage. */
  readonly stage: () => Stage<In, Out>;
  /** At least three chunks that the stage takes. */
  readonly inputs: readonly In[];
  /** What the stage makes of `inputs`; compared deeply, in order. */
  readonly outputs: readonly Out[];
  /** Chunks the stage may take in while nobody reads. @default 8 */
  readonly maxBuffered?: number;
}

const HANG_MS = 5_000;

/**
 * Registers the conformance tests that every stage passes: order, empty input, errors both ways as the same
 * object, cancel while idle, abort, a slow reader, and nothing left running.
 *
 * @example
 * ```ts
 * import { describe, it } from "vitest";
 * import { mapStream } from "@parallel-parrot/core";
 * import { testStage } from "@parallel-parrot/core/testing";
 *
 * describe("upperCaseStream", () => {
 *   const stage = () => mapStream((word: string) => word.toUpperCase());
 *   testStage(it, { stage, inputs: ["a", "b", "c"], outputs: ["A", "B", "C"] });
 * });
 * ```
 */
export function testStage<In, Out>(it: RegisterTest, spec: StageSpec<In, Out>): void {
  const { stage: create, inputs, outputs, maxBuffered = 8 } = spec;

  it("keeps the order and gives the expected outputs", async () => {
    assert.deepEqual(await soon(readAll(sourceOf(inputs).pipeThrough(create()))), outputs);
  });

  it("gives nothing for an empty input", async () => {
    assert.deepEqual(await soon(readAll(sourceOf<In>([]).pipeThrough(create()))), []);
  });

  it("passes an error of the source on as the same object", async () => {
    const error = new Error("source failed");
    const source = new ReadableStream<In>({
      pull(controller) {
        controller.error(error);
      },
    });
    assert.equal(await soon(rejectionOf(readAll(source.pipeThrough(create())))), error);
  });

  it("passes an error of the sink back to the source as the same object", async () => {
    const error = new Error("sink failed");
    const { readable, cancelled } = endlessSource(inputs);
    const sink = new WritableStream<Out>({
      write() {
        throw error;
      },
    });
    assert.equal(await soon(rejectionOf(readable.pipeThrough(create()).pipeTo(sink))), error);
    assert.equal(await soon(cancelled), error);
  });

  it("hears a cancel while it waits for input", async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
    const idle = new ReadableStream<In>({ cancel: resolve }, { highWaterMark: 0 });
    const reader = idle.pipeThrough(create()).getReader();
    const read = reader.read();
    await turn();
    const reason = new Error("no longer needed");
    await soon(reader.cancel(reason));
    assert.equal((await soon(read)).done, true);
    assert.equal(await soon(cancelled), reason);
  });

  it("gives an abort's reason to both sides", async () => {
    const abort = new AbortController();
    const { readable, cancelled } = endlessSource(inputs);
    const reader = readable.pipeThrough(create(), { signal: abort.signal }).getReader();
    await soon(reader.read());
    const reason = new Error("aborted");
    abort.abort(reason);
    assert.equal(await soon(rejectionOf(readUntilError(reader))), reason);
    assert.equal(await soon(cancelled), reason);
  });

  it("slows the source down when nobody reads", async () => {
    const { readable, pulled } = endlessSource(inputs);
    const reader = readable.pipeThrough(create()).getReader();
    await soon(reader.read());
    const taken = pulled();
    for (let i = 0; i < 100; i++) await turn();
    const buffered = pulled() - taken;
    assert.ok(
      buffered <= maxBuffered,
      `took in ${buffered} chunks that nobody read; allowed are ${maxBuffered}`,
    );
    await soon(reader.cancel());
  });

  it("leaves nothing running after a cancel", async () => {
    const before = activeResources();
    const { readable } = endlessSource(inputs);
    const reader = readable.pipeThrough(create()).getReader();
    await soon(reader.read());
    await soon(reader.cancel());
    const left = (): readonly string[] =>
      Array.from(activeResources())
        .filter(([kind, count]) => count > (before.get(kind) ?? 0))
        .map(([kind, count]) => `${count} × ${kind}`);
    // Streams do not wait for each other's cancel.
    const deadline = performance.now() + HANG_MS;
    while (left().length > 0 && performance.now() < deadline) await turn();
    assert.deepEqual(left(), [], "still active after a cancel");
  });
}

/** A source of the given chunks that makes one for each pull. */
export function sourceOf<T>(chunks: Iterable<T>): ReadableStream<T> {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream<T>(
    {
      pull(controller) {
        const next = iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
}

/** All chunks of a stream. */
export async function readAll<T>(stream: ReadableStream<T>): Promise<T[]> {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

function endlessSource<T>(chunks: readonly T[]): {
  readable: ReadableStream<T>;
  cancelled: Promise<unknown>;
  pulled: () => number;
} {
  const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
  let pulled = 0;
  const readable = new ReadableStream<T>(
    {
      async pull(controller) {
        // A turn of the event loop for each chunk: an endless source must not starve the test.
        await turn();
        const chunk = chunks[pulled % chunks.length];
        pulled += 1;
        if (chunk !== undefined) controller.enqueue(chunk);
      },
      cancel: resolve,
    },
    { highWaterMark: 0 },
  );
  return { readable, cancelled, pulled: () => pulled };
}

async function readUntilError<T>(reader: ReadableStreamDefaultReader<T>): Promise<void> {
  for (;;) if ((await reader.read()).done) return;
}

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "Expected a rejection" });
}

async function soon<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Nothing happened for ${HANG_MS} ms`)), HANG_MS);
  });
  try {
    return await Promise.race([promise, hang]);
  } finally {
    clearTimeout(timer);
  }
}

function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
