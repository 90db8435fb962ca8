import { singleUse } from "./single-use.ts";
import type { Stage } from "./stage.ts";

/**
 * A stage from an async generator: for one chunk in, zero or many out, or with state. One output is made
 * for one read, so a chunk that explodes into a million rows never sits in memory whole (a
 * `TransformStream` cannot pause in the middle of `transform`).
 */
export function transformStreamFrom<In, Out>(
  transform: (inputs: AsyncIterable<In>) => AsyncIterable<Out>,
): Stage<In, Out> {
  let inlet: TransformStreamDefaultController<In> | undefined;
  const { readable: source, writable } = new TransformStream<In, In>({
    start(controller) {
      inlet = controller;
    },
  });
  // preventCancel: upstream must hear the real reason, which is sent below.
  const inputs = source.values({ preventCancel: true });
  const outputs = transform(inputs)[Symbol.asyncIterator]();
  const readable = new ReadableStream<Out>(
    {
      async pull(controller) {
        try {
          const next = await outputs.next();
          if (next.done !== true) {
            controller.enqueue(next.value);
            return;
          }
          inlet?.terminate();
          controller.close();
        } catch (error) {
          inlet?.error(error);
          throw error;
        }
      },
      async cancel(reason) {
        // Wakes a generator that waits for input; return() alone would queue behind that wait.
        inlet?.error(reason);
        try {
          await outputs.return?.();
        } catch {
          // Whoever cancels has no use for what the generator throws at its end.
        }
      },
    },
    { highWaterMark: 0 },
  );
  return singleUse({ readable, writable });
}
