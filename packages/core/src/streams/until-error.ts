import { throughPackets } from "./packet-stream.ts";

/**
 * A stream that ends where another fails, and tells of the error. For a source in front of work that is worth
 * finishing: if the error were passed on, that work would be lost.
 */
export function untilError<T>(
  stream: ReadableStream<T>,
  onError: (error: unknown) => void,
): ReadableStream<T> {
  return throughPackets(stream, (chunks) => closeOnError(chunks, onError));
}

function closeOnError<T>(stream: ReadableStream<T>, onError: (error: unknown) => void): ReadableStream<T> {
  const reader = stream.getReader();
  return new ReadableStream<T>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          onError(error);
          controller.close();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
