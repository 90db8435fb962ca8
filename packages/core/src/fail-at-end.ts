import { throughPackets } from "./packet-stream.ts";

/**
 * A stream that fails where another ends, if there is an error by then. For an error that is to come out behind
 * everything that was finished before it.
 */
export function failAtEnd<T>(
  stream: ReadableStream<T>,
  errorOf: () => { readonly error: unknown } | undefined,
): ReadableStream<T> {
  return throughPackets(stream, (chunks) => withEnd(chunks, errorOf));
}

function withEnd<T>(
  stream: ReadableStream<T>,
  errorOf: () => { readonly error: unknown } | undefined,
): ReadableStream<T> {
  const reader = stream.getReader();
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        const failure = errorOf();
        if (failure === undefined) controller.close();
        else controller.error(failure.error);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
