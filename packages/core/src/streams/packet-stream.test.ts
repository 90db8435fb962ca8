import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  acceptPackets,
  arraySource,
  collect,
  flatMapStream,
  itemsOf,
  mapConcurrentStream,
  mapStream,
  Packet,
  PacketStream,
  transformStreamFrom,
  untilError,
  type Stage,
} from "../index.ts";
import { readAll, sourceOf, testStage } from "../testing.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const repeat = (n: number): number[] => Array.from({ length: n }, () => n);

/** Several stages as one: between them packets travel. */
function chain<A, B, C>(first: Stage<A, B>, second: Stage<B, C>): Stage<A, C> {
  return { writable: first.writable, readable: first.readable.pipeThrough(second) };
}

/** A sink that notes how many items each write brought. */
function notingSink<T>(accepts: boolean): { sizes: number[]; items: T[]; sink: WritableStream<T> } {
  const sizes: number[] = [];
  const items: T[] = [];
  const sink = new WritableStream<T | Packet<T>>({
    write(chunk) {
      sizes.push(itemsOf(chunk).length);
      items.push(...itemsOf(chunk));
    },
  });
  return { sizes, items, sink: accepts ? acceptPackets(sink) : sink };
}

describe("flatMapStream", () => {
  testStage(it, {
    stage: () => flatMapStream(repeat),
    inputs: [1, 2, 3],
    outputs: [1, 2, 2, 3, 3, 3],
    callbacks: {
      expand: (fail) => flatMapStream((n: number) => (n === 2 ? fail() : [n])),
      "the iterable that it gives": (fail) =>
        flatMapStream((n: number): Iterable<number> => (n === 2 ? { [Symbol.iterator]: fail } : [n])),
      "the iterator of that": (fail) =>
        flatMapStream((n: number): Iterable<number> => ({
          [Symbol.iterator]: () => (n === 2 ? { next: fail } : [n].values()),
        })),
      last: (fail) => flatMapStream(repeat, { last: fail }),
      onEnd: (fail) => flatMapStream(repeat, { onEnd: fail }),
    },
  });

  it("flatMapStream gives what comes last after the outputs of all chunks, and then tells of the end", async () => {
    const told: string[] = [];
    const stage = flatMapStream(repeat, { last: () => [7, 8], onEnd: () => told.push("end") });
    expect(await collect(arraySource([1, 2]).pipeThrough(stage))).toEqual([1, 2, 2, 7, 8]);
    expect(told).toEqual(["end"]);
  });

  it("flatMapStream that has enough ends, and cancels its source without reading the rest", async () => {
    let pulled = 0;
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
    const endless = new ReadableStream<number>(
      { pull: (controller) => controller.enqueue((pulled += 1)), cancel: resolve },
      { highWaterMark: 0 },
    );
    let taken = 0;
    const stage = flatMapStream((n: number) => ((taken += 1), [n]), { isEnough: () => taken >= 3 });
    expect(await collect(endless.pipeThrough(stage))).toEqual([1, 2, 3]);
    expect(await cancelled).toBeInstanceOf(Error);
    expect(pulled).toBeLessThanOrEqual(4);
  });

  it("flatMapStream that has enough takes no more of a packet", async () => {
    let taken = 0;
    const stage = flatMapStream((n: number) => ((taken += 1), [n]), { isEnough: () => taken >= 3 });
    expect(await collect(arraySource(numbers(1000)).pipeThrough(stage))).toEqual(numbers(1000).slice(0, 3));
    expect(taken).toBe(3);
  });

  it("flatMapStream gives the outputs made before a throw, then the error", async () => {
    const error = new Error("bad chunk");
    const expand = (n: number): number[] => {
      if (n === 3) throw error;
      return [n];
    };
    const reader = arraySource([1, 2, 3, 4]).pipeThrough(flatMapStream(expand)).getReader();
    expect((await reader.read()).value).toBe(1);
    expect((await reader.read()).value).toBe(2);
    await expect(reader.read()).rejects.toBe(error);
  });

  it("flatMapStream makes a packet's worth of outputs at a time, however many one chunk explodes into", async () => {
    let made = 0;
    const endless = function* (): Generator<number> {
      for (;;) yield (made += 1);
    };
    const reader = sourceOf([1]).pipeThrough(flatMapStream(endless)).getReader();
    await reader.read();
    await sleep(5);
    expect(made).toBe(256);
    await reader.cancel();
  });

  it("flatMapStream goes on to the next chunk where one gives nothing, and tells of the end once", async () => {
    let ends = 0;
    const stage = flatMapStream((n: number) => (n === 3 ? [n] : []), { onEnd: () => (ends += 1) });
    expect(await readAll(sourceOf(numbers(10)).pipeThrough(stage))).toEqual([3]);
    expect(ends).toBe(1);
  });

  it("flatMapStream ends a generator that a cancel leaves in the middle", async () => {
    let isEnded = false;
    const endless = function* (): Generator<number> {
      try {
        for (;;) yield 1;
      } finally {
        isEnded = true;
      }
    };
    const reader = sourceOf([1]).pipeThrough(flatMapStream(endless)).getReader();
    await reader.read();
    await reader.cancel();
    expect(isEnded).toBe(true);
  });

  it("flatMapStream gives a throw to both neighbours as the same object", async () => {
    const error = new Error("bad chunk");
    let cancelled: unknown;
    const source = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(1),
      cancel: (reason) => void (cancelled = reason),
    });
    const stage = flatMapStream((): number[] => {
      throw error;
    });
    await expect(readAll(source.pipeThrough(stage))).rejects.toBe(error);
    expect(cancelled).toBe(error);
  });
});

describe("mapStream of promises", () => {
  testStage(it, {
    stage: () => mapStream(async (n: number) => (await sleep(3 - n), n * 2)),
    inputs: [1, 2, 3],
    outputs: [2, 4, 6],
  });
});

describe("stages connected by packets", () => {
  testStage(it, {
    stage: () =>
      chain(
        mapStream((n: number) => n + 1),
        flatMapStream(repeat),
      ),
    inputs: [0, 1, 2],
    outputs: [1, 2, 2, 3, 3, 3],
  });

  describe("with concurrency in the middle", () => {
    testStage(it, {
      stage: () =>
        chain(
          chain(
            mapStream((n: number) => n + 1),
            mapConcurrentStream(async (n: number) => (await sleep(1), n), { concurrency: 2, window: 4 }),
          ),
          flatMapStream(repeat),
        ),
      inputs: [0, 1, 2],
      outputs: [1, 2, 2, 3, 3, 3],
      maxBuffered: 12,
    });
  });

  describe("with a stage in between that knows no packets", () => {
    testStage(it, {
      stage: () =>
        chain(
          chain(
            mapStream((n: number) => n + 1),
            transformStreamFrom(async function* (inputs: AsyncIterable<number>) {
              for await (const n of inputs) yield n;
            }),
          ),
          flatMapStream(repeat),
        ),
      inputs: [0, 1, 2],
      outputs: [1, 2, 2, 3, 3, 3],
    });
  });

  it("stages hand packets over whole to each other, and single chunks to everybody else", async () => {
    const whole = notingSink<number>(true);
    await arraySource(numbers(600))
      .pipeThrough(mapStream((n: number) => n))
      .pipeTo(whole.sink);
    expect(whole.sizes).toEqual([256, 256, 88]);
    const single = notingSink<number>(false);
    await arraySource(numbers(600)).pipeTo(single.sink);
    expect(single.sizes).toHaveLength(600);
    expect(single.items).toEqual(whole.items);
  });

  it("stages emit together what ends in one turn of the event loop", async () => {
    const { sizes, sink } = notingSink<number>(true);
    const stage = mapConcurrentStream(async (n: number) => (await sleep(1), n), { concurrency: 100 });
    await arraySource(numbers(300)).pipeThrough(stage).pipeTo(sink);
    expect(sizes.length).toBeLessThan(30);
  });

  it("stages connected by packets lose nothing where reading began one by one", async () => {
    const stream = arraySource(numbers(600));
    const reader = stream.getReader();
    expect((await reader.read()).value).toBe(0);
    reader.releaseLock();
    expect(await readAll(stream.pipeThrough(mapStream((n: number) => n)))).toEqual(numbers(600).slice(1));
  });

  it("stages connected by packets are locked while piped, as any stream, and free afterwards", async () => {
    const stream = arraySource([1, 2, 3]);
    const { sink } = notingSink<number>(true);
    const piped = stream.pipeTo(sink, { preventClose: true });
    expect(stream.locked).toBe(true);
    expect(sink.locked).toBe(true);
    expect(() => stream.getReader()).toThrow(TypeError);
    await piped;
    expect(stream.locked).toBe(false);
    expect(sink.locked).toBe(false);
    expect(await readAll(stream)).toEqual([]);
    const locked = arraySource([1]);
    locked.getReader();
    await expect(locked.pipeTo(sink)).rejects.toThrow(TypeError);
  });

  it("a stream of packets can be split in two with tee", async () => {
    const [one, two] = arraySource([1, 2, 3]).tee();
    expect(await Promise.all([readAll(one), readAll(two)])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });
});

describe("arraySource and collect", () => {
  it("collect gives back what arraySource got, through stages or not", async () => {
    expect(await collect(arraySource(numbers(1000)))).toEqual(numbers(1000));
    expect(await collect(arraySource([]))).toEqual([]);
    expect(await collect(sourceOf([1, 2]))).toEqual([1, 2]);
    expect(await collect(arraySource([1, 2]).pipeThrough(flatMapStream(repeat)))).toEqual([1, 2, 2]);
  });
});

describe("untilError of packets", () => {
  it("untilError ends where the source fails, and keeps the packets whole", async () => {
    const error = new Error("source failed");
    let pulls = 0;
    const packets = new ReadableStream<Packet<number>>(
      {
        pull(controller) {
          pulls += 1;
          if (pulls === 1) controller.enqueue(new Packet(numbers(100)));
          else controller.error(error);
        },
      },
      { highWaterMark: 0 },
    );
    const told: unknown[] = [];
    const { sizes, sink } = notingSink<number>(true);
    await untilError(new PacketStream(packets), (one) => void told.push(one)).pipeTo(sink);
    expect(sizes).toEqual([100]);
    expect(told).toEqual([error]);
  });
});
