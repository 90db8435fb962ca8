import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { isObject } from "./cells/is-object.ts";
import type { Stage } from "./streams/stage.ts";

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
  /**
   * Stages that are given a function which calls `fail`, by the name of that function. Each has to pass on what is
   * thrown, or to make a failed row of it.
   */
  readonly callbacks?: Readonly<Record<string, (fail: () => never) => Stage<In, Out>>>;
}

const HANG_MS = 5_000;
/** An item's row, prompt, messages and their parts. */
const HOSTILE_DEPTH = 3;

/**
 * Registers the conformance tests that every stage passes: order, empty input, errors both ways as the same
 * object, cancel while idle, abort, a slow reader, input whose properties throw when they are read, functions of
 * the user's that throw, and nothing left running.
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
  const { stage: create, inputs, outputs, maxBuffered = 8, callbacks = {} } = spec;

  it("a stage keeps the order and gives the expected outputs", async () => {
    assert.deepEqual(await soon(readAll(sourceOf(inputs).pipeThrough(create()))), outputs);
  });

  it("a stage gives nothing for an empty input", async () => {
    assert.deepEqual(await soon(readAll(sourceOf<In>([]).pipeThrough(create()))), []);
  });

  it("a stage passes an error of the source on as the same object", async () => {
    const error = new Error("source failed");
    const source = new ReadableStream<In>({
      pull(controller) {
        controller.error(error);
      },
    });
    assert.equal(await soon(rejectionOf(readAll(source.pipeThrough(create())))), error);
  });

  it("a stage passes an error of the sink back to the source as the same object", async () => {
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

  it("a stage hears a cancel while it waits for input", async () => {
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

  it("a stage gives an abort's reason to both sides", async () => {
    const abort = new AbortController();
    const { readable, cancelled } = endlessSource(inputs);
    const reader = readable.pipeThrough(create(), { signal: abort.signal }).getReader();
    await soon(reader.read());
    const reason = new Error("aborted");
    abort.abort(reason);
    assert.equal(await soon(rejectionOf(readUntilError(reader))), reason);
    assert.equal(await soon(cancelled), reason);
  });

  it("a stage slows the source down when nobody reads", async () => {
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

  it("a stage ends, with the same error on both sides or none, where a property of its input throws", async () => {
    const error = new Error("a getter failed");
    for (const [position, input] of inputs.entries())
      for (const { path, copy } of hostileCopies(input, error, HOSTILE_DEPTH))
        // A copy differs from its original in that one property throws.
        await endsWith(error, inputs.with(position, copy as In), create(), `input ${position}, ${path}`);
  });

  for (const [name, createWith] of Object.entries(callbacks)) {
    it(`a stage ends, with the same error on both sides or none, where ${name} throws`, async () => {
      const error = new Error(`${name} failed`);
      let calls = 0;
      const stage = createWith(() => {
        calls += 1;
        throw error;
      });
      await endsWith(error, inputs, stage, name);
      assert.ok(calls > 0, `${name} was never called`);
    });
  }

  it("a stage leaves nothing running after a cancel", async () => {
    const before = activeResources();
    const { readable } = endlessSource(inputs);
    const reader = readable.pipeThrough(create()).getReader();
    await soon(reader.read());
    await soon(reader.cancel());
    const left = (): readonly string[] =>
      Array.from(activeResources())
        .filter(([kind, count]) => count > (before.get(kind) ?? 0))
        .map(([kind, count]) => `${count} × ${kind}`);
    // Streams do not wait for each other to be cancelled.
    const deadline = performance.now() + HANG_MS;
    while (left().length > 0 && performance.now() < deadline) await turn();
    assert.deepEqual(left(), [], "still active after a cancel");
  });
}

/** Expects one of two endings: as if nothing had been thrown, or with what was thrown on both sides. It must not hang. */
async function endsWith<In, Out>(
  expected: Error,
  chunks: readonly In[],
  stage: Stage<In, Out>,
  what: string,
): Promise<void> {
  let unhandled: unknown;
  const note = (reason: unknown): void => {
    unhandled ??= reason;
  };
  let cancelled: { readonly reason: unknown } | undefined;
  let isOver = false;
  const iterator = chunks[Symbol.iterator]();
  const source = new ReadableStream<In>(
    {
      async pull(controller) {
        const next = iterator.next();
        if (next.done !== true) return controller.enqueue(next.value);
        // An error of the last chunk may still arrive here.
        for (let i = 0; i < 20; i++) await turn();
        if (cancelled !== undefined) return;
        isOver = true;
        controller.close();
      },
      cancel(reason) {
        cancelled = { reason };
      },
    },
    { highWaterMark: 0 },
  );
  process.on("unhandledRejection", note);
  try {
    const [outcome] = await soon(Promise.allSettled([readAll(source.pipeThrough(stage))]), what);
    for (let i = 0; i < 5; i++) await turn();
    assert.equal(unhandled, undefined, `an unhandled rejection: ${what}`);
    if (outcome.status === "fulfilled") return;
    assert.equal(outcome.reason, expected, `the reader got another error: ${what}`);
    if (!isOver) assert.equal(cancelled?.reason, expected, `the source got another error: ${what}`);
  } finally {
    process.off("unhandledRejection", note);
  }
}

/** Copies of a value, each with one property that throws when it is read, and the path of that property. */
function* hostileCopies(
  value: unknown,
  error: Error,
  depth: number,
): Generator<{ readonly path: string; readonly copy: unknown }> {
  if (!isObject(value) || depth === 0) return;
  for (const key of Object.keys(value)) {
    const copy: object = Array.isArray(value) ? [...(value as readonly unknown[])] : { ...value };
    Object.defineProperty(copy, key, {
      enumerable: true,
      configurable: true,
      get() {
        throw error;
      },
    });
    yield { path: key, copy };
    for (const inner of hostileCopies(Reflect.get(value, key), error, depth - 1)) {
      yield {
        path: `${key}.${inner.path}`,
        copy: Object.defineProperty(
          Array.isArray(value) ? [...(value as readonly unknown[])] : { ...value },
          key,
          {
            value: inner.copy,
            enumerable: true,
            configurable: true,
          },
        ),
      };
    }
  }
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

async function soon<T>(promise: Promise<T>, what?: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    const message = `Nothing happened for ${HANG_MS} ms${what === undefined ? "" : `: ${what}`}`;
    timer = setTimeout(() => reject(new Error(message)), HANG_MS);
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
