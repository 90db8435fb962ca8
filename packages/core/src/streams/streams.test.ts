import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  arraySource,
  mapConcurrentStream,
  mapStream,
  SKIP,
  transformStreamFrom,
  untilError,
  type ConcurrentStage,
} from "../index.ts";
import { readAll, sourceOf, testStage } from "../testing.ts";

describe("mapStream", () => {
  testStage(it, {
    stage: () => mapStream((n: number) => n * 2),
    inputs: [1, 2, 3],
    outputs: [2, 4, 6],
    callbacks: {
      map: (fail) => mapStream((n: number) => (n === 2 ? fail() : n)),
      "map, later,": (fail) => mapStream(async (n: number) => (await sleep(1), n === 2 ? fail() : n)),
    },
  });

  it("mapStream gives a throw to both neighbours as the same object", async () => {
    const error = new Error("bad chunk");
    const stage = mapStream((): number => {
      throw error;
    });
    await expect(readAll(sourceOf([1]).pipeThrough(stage))).rejects.toBe(error);
  });
});

async function* repeat(numbers: AsyncIterable<number>): AsyncGenerator<number> {
  for await (const n of numbers) for (let i = 0; i < n; i++) yield n;
}

describe("transformStreamFrom", () => {
  testStage(it, {
    stage: () => transformStreamFrom(repeat),
    inputs: [1, 2, 3],
    outputs: [1, 2, 2, 3, 3, 3],
    callbacks: {
      "the generator": (fail) =>
        transformStreamFrom(async function* (numbers: AsyncIterable<number>) {
          for await (const n of numbers) yield n === 2 ? fail() : n;
        }),
      "the generator's end": (fail) =>
        transformStreamFrom(async function* (numbers: AsyncIterable<number>) {
          yield* numbers;
          fail();
        }),
      "an iterator of the user's own": (fail) =>
        transformStreamFrom((): AsyncIterable<number> => ({
          [Symbol.asyncIterator]: () => ({ next: fail }),
        })),
    },
  });

  it("transformStreamFrom makes one output for one read, however many one chunk explodes into", async () => {
    let made = 0;
    const stage = transformStreamFrom(async function* (inputs: AsyncIterable<number>) {
      for await (const _ of inputs) for (;;) yield (made += 1);
    });
    const reader = sourceOf([1]).pipeThrough(stage).getReader();
    await reader.read();
    await sleep(5);
    expect(made).toBe(1);
    await reader.cancel();
  });

  it("transformStreamFrom gives a generator's throw to both neighbours as the same object", async () => {
    const error = new Error("bad chunk");
    let cancelled: unknown;
    const source = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(1),
      cancel: (reason) => void (cancelled = reason),
    });
    const stage = transformStreamFrom(async function* (inputs: AsyncIterable<number>) {
      for await (const input of inputs) {
        yield input;
        throw error;
      }
    });
    await expect(readAll(source.pipeThrough(stage))).rejects.toBe(error);
    expect(cancelled).toBe(error);
  });
});

describe("mapStream of promises of which several fail", () => {
  it("mapStream leaves no rejection unhandled where a later input throws at once", async () => {
    const error = new Error("bad chunk");
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      const stage = mapStream((n: number) => {
        if (n === 2) throw error;
        return Promise.reject(new Error(`late ${n}`));
      });
      await expect(readAll(arraySource([0, 1, 2]).pipeThrough(stage))).rejects.toBe(error);
      await nextTurn();
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Even numbers take longer than odd ones. */
async function slowDouble(n: number): Promise<number> {
  await sleep(n % 2 === 0 ? 4 : 1);
  return n * 2;
}

describe("mapConcurrentStream", () => {
  for (const concurrency of [1, 3]) {
    describe(`with ${concurrency} at once, in input order`, () => {
      testStage(it, {
        stage: () => mapConcurrentStream(slowDouble, { concurrency, window: 6 }),
        inputs: [1, 2, 3],
        outputs: [2, 4, 6],
      });
    });
  }

  describe("in order of completion", () => {
    testStage(it, {
      stage: () => mapConcurrentStream(slowDouble, { concurrency: 3, window: 6, order: "completion" }),
      inputs: [1, 2, 3],
      outputs: [2, 6, 4],
    });
  });

  for (const order of ["input", "completion"] as const) {
    describe(`where nothing has to be waited for, in order of ${order}`, () => {
      testStage(it, {
        stage: () => mapConcurrentStream((n: number) => n * 2, { concurrency: 2, window: 6, order }),
        inputs: [1, 2, 3],
        outputs: [2, 4, 6],
      });
    });
  }

  describe("with functions of its user's that throw", () => {
    const base = { concurrency: 2, window: 6 };
    const slow = async (n: number): Promise<number> => (await sleep(n === 1 ? 20 : 1), n * 2);
    /** Puts everything away that waits for the slow first one. */
    const away = { ...base, windowBytes: 4000, sizeOf: () => 1000 };
    const close = (): void => undefined;
    const late = async (n: number, fail: () => never): Promise<number> => {
      await sleep(1);
      return n === 2 ? fail() : n;
    };
    let sizes = 0;
    testStage(it, {
      stage: () => mapConcurrentStream(slow, base),
      inputs: [1, 2, 3, 4],
      outputs: [2, 4, 6, 8],
      callbacks: {
        map: (fail) => mapConcurrentStream((n: number) => (n === 2 ? fail() : n), base),
        "map, later,": (fail) => mapConcurrentStream((n: number) => late(n, fail), base),
        "sizeOf, of an input,": (fail) =>
          mapConcurrentStream(slow, { ...base, sizeOf: (n) => (n === 3 ? fail() : 1) }),
        "sizeOf, of the first input,": (fail) => mapConcurrentStream(slow, { ...base, sizeOf: fail }),
        "sizeOf, of an output,": (fail) =>
          mapConcurrentStream(slow, { ...base, sizeOf: (n) => (n === 8 ? fail() : 1) }),
        "isBusy, at once,": (fail) => mapConcurrentStream(slow, { ...base, isBusy: fail }),
        "isBusy, later,": (fail) => {
          sizes = 0;
          return mapConcurrentStream(slow, { ...base, isBusy: () => (sizes++ > 4 ? fail() : false) });
        },
        onSettled: (fail) => mapConcurrentStream(slow, { ...base, onSettled: fail }),
        "onSettled, later,": (fail) =>
          mapConcurrentStream(slow, {
            ...base,
            onSettled: async () => {
              await sleep(1);
              fail();
            },
          }),
        "overflow.put": (fail) => mapConcurrentStream(slow, { ...away, overflow: { put: fail, close } }),
        "what overflow.put gave": (fail) =>
          mapConcurrentStream(slow, { ...away, overflow: { put: () => fail, close } }),
        "overflow.close": (fail) =>
          mapConcurrentStream(slow, { ...away, overflow: { put: () => undefined, close: fail } }),
      },
    });

    it("a concurrent stage that is finished early gives its reader the error of onSettled", async () => {
      const error = new Error("onSettled failed");
      const stage = mapConcurrentStream(slow, { ...base, onSettled: () => Promise.reject(error) });
      const all = readAll(sourceOf([1, 2, 3]).pipeThrough(stage));
      stage.finish(new Error("enough"));
      await expect(all).rejects.toBe(error);
    });
  });

  it("mapConcurrentStream keeps the order of calls that wait and of calls that do not", async () => {
    const numbers = Array.from({ length: 1000 }, (_, n) => n);
    const stage = mapConcurrentStream((n: number) => (n % 3 === 0 ? slowDouble(n) : n * 2), {
      concurrency: 10,
    });
    expect(await readAll(arraySource(numbers).pipeThrough(stage))).toEqual(numbers.map((n) => n * 2));
  });

  it("mapConcurrentStream stops on a throw, with the same error on both sides", async () => {
    const error = new Error("fatal");
    let cancelled: unknown;
    let next = 0;
    const source = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(next++),
      cancel: (reason) => void (cancelled = reason),
    });
    const stage = mapConcurrentStream(
      (n: number) => {
        if (n === 3) throw error;
        return n;
      },
      { concurrency: 4 },
    );
    await expect(readAll(source.pipeThrough(stage))).rejects.toBe(error);
    expect(cancelled).toBe(error);
  });

  it.each([
    ["does not run ahead of the reader with calls that need not wait", -1, [1024, 1024 + 128]],
    ["runs ahead, up to the window, behind a call that waits", 0, [4096, 4096]],
  ] as const)("mapConcurrentStream %s", async (_, slow, [least, most]) => {
    const { promise: gate, resolve: open } = Promise.withResolvers<number>();
    let started = 0;
    const stage = mapConcurrentStream((n: number) => ((started += 1), n === slow ? gate : n), {
      concurrency: 2,
      window: 4096,
    });
    const reader = arraySource(Array.from({ length: 5000 }, (__, n) => n))
      .pipeThrough(stage)
      .getReader();
    const first = reader.read();
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    expect(started).toBeGreaterThanOrEqual(least);
    // One packet may have been handed over.
    expect(started).toBeLessThanOrEqual(most + 128);
    open(0);
    expect((await first).value).toBe(0);
    await reader.cancel();
  });

  it("mapConcurrentStream leaves the event loop its turn between calls that need not wait", async () => {
    let started = 0;
    const most: number[] = [];
    for (const map of [(n: number) => ((started += 1), n), async (n: number) => ((started += 1), n)]) {
      started = 0;
      const all = readAll(
        arraySource(Array.from({ length: 2000 }, (_, n) => n)).pipeThrough(
          mapConcurrentStream(map, { concurrency: 10_000 }),
        ),
      );
      let steps = 0;
      for (let before = -1; started < 2000;) {
        before = started;
        await nextTurn();
        steps = Math.max(steps, started - before);
      }
      most.push(steps);
      expect(await all).toHaveLength(2000);
    }
    expect(Math.max(...most)).toBeLessThanOrEqual(256);
  });

  it("mapConcurrentStream never has more in progress than its concurrency, and reaches it", async () => {
    let running = 0;
    let most = 0;
    const stage = mapConcurrentStream(
      async (n: number) => {
        running += 1;
        most = Math.max(most, running);
        await sleep(2);
        running -= 1;
        return n;
      },
      { concurrency: 7 },
    );
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    expect(await readAll(sourceOf(numbers).pipeThrough(stage))).toEqual(numbers);
    expect(most).toBe(7);
  });

  it("mapConcurrentStream lets calls overtake a slow one, up to the window", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let started = 0;
    const stage = mapConcurrentStream(
      async (n: number) => {
        started += 1;
        if (n === 0) await gate;
        return n;
      },
      { concurrency: 2, window: 10 },
    );
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    const all = readAll(sourceOf(numbers).pipeThrough(stage));
    await sleep(20);
    expect(started).toBe(10);
    open();
    expect(await all).toEqual(numbers);
  });

  it("mapConcurrentStream starts no call while finished outputs beyond the byte window wait", async () => {
    let started = 0;
    const stage = mapConcurrentStream(async (n: number) => ((started += 1), n), {
      concurrency: 2,
      windowBytes: 300,
      sizeOf: () => 100,
    });
    const reader = sourceOf(Array.from({ length: 50 }, (_, n) => n))
      .pipeThrough(stage)
      .getReader();
    await reader.read();
    await sleep(10);
    expect(started).toBeLessThanOrEqual(6);
    await reader.cancel();
  });

  it("mapConcurrentStream counts what is in progress towards the byte window", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let started = 0;
    const stage = mapConcurrentStream(
      async (n: number) => {
        started += 1;
        await gate;
        return n;
      },
      { concurrency: 50, windowBytes: 300, sizeOf: () => 100 },
    );
    const all = readAll(sourceOf(Array.from({ length: 20 }, (_, n) => n)).pipeThrough(stage));
    await sleep(10);
    expect(started).toBe(3);
    open();
    expect(await all).toHaveLength(20);
  });

  it("mapConcurrentStream emits nothing for SKIP", async () => {
    const stage = mapConcurrentStream(async (n: number) => (n % 2 === 0 ? SKIP : n), { concurrency: 2 });
    expect(await readAll(sourceOf([1, 2, 3, 4]).pipeThrough(stage))).toEqual([1, 3]);
  });

  it("mapConcurrentStream stops on a rejection, with the same error on both sides, and tells the calls in progress", async () => {
    const error = new Error("fatal");
    let cancelled: unknown;
    const signals: AbortSignal[] = [];
    const source = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(signals.length),
      cancel: (reason) => void (cancelled = reason),
    });
    const stage = mapConcurrentStream(
      async (n: number, signal) => {
        signals.push(signal);
        await sleep(1);
        if (n === 3) throw error;
        return n;
      },
      { concurrency: 4 },
    );
    await expect(readAll(source.pipeThrough(stage))).rejects.toBe(error);
    expect(cancelled).toBe(error);
    expect(signals.every(({ aborted, reason }) => aborted && reason === error)).toBe(true);
  });

  it("mapConcurrentStream finishes early: it emits the calls in progress, cancels upstream and closes", async () => {
    const reason = new Error("enough");
    let cancelled: unknown;
    let next = 0;
    const source = new ReadableStream<number>(
      { pull: (controller) => controller.enqueue(next++), cancel: (why) => void (cancelled = why) },
      { highWaterMark: 0 },
    );
    const stage = mapConcurrentStream(
      async (n: number) => {
        await sleep(2);
        if (n === 5) stage.finish(reason);
        return n;
      },
      { concurrency: 3 },
    );
    const numbers = await readAll(source.pipeThrough(stage));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => n));
    expect(numbers.length).toBeGreaterThan(5);
    expect(cancelled).toBe(reason);
  });

  it("mapConcurrentStream finishes early with an error after the last output", async () => {
    const error = new Error("stopped");
    const stage: ConcurrentStage<number, number> = mapConcurrentStream(
      async (n: number) => {
        if (n === 1) stage.finish(error, error);
        return n;
      },
      { concurrency: 1 },
    );
    const reader = sourceOf([0, 1, 2, 3]).pipeThrough(stage).getReader();
    expect((await reader.read()).value).toBe(0);
    expect((await reader.read()).value).toBe(1);
    await expect(reader.read()).rejects.toBe(error);
  });

  it("mapConcurrentStream refuses a concurrency below 1", () => {
    expect(() => mapConcurrentStream(slowDouble, { concurrency: 0 })).toThrow(
      /the option concurrency: expected a number of at least 1, got 0/,
    );
  });
});

describe("untilError", () => {
  it("untilError ends where the source fails, tells of it, and passes a cancel on", async () => {
    const error = new Error("source failed");
    let pulls = 0;
    const source = new ReadableStream<number>({
      pull(controller) {
        pulls += 1;
        if (pulls <= 3) controller.enqueue(pulls);
        else controller.error(error);
      },
    });
    const told: unknown[] = [];
    expect(await readAll(untilError(source, (one) => void told.push(one)))).toEqual([1, 2, 3]);
    expect(told).toEqual([error]);

    let cancelled: unknown;
    const endless = new ReadableStream<number>({ cancel: (reason) => void (cancelled = reason) });
    await untilError(endless, () => undefined).cancel(error);
    expect(cancelled).toBe(error);
  });
});
