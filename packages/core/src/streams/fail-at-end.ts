import { watchStream } from "./watch-stream.ts";

/**
 * A stream that, when another ends, fails with an error if there is one by then. For an error that must come out
 * after everything that was finished before it.
 */
export function failAtEnd<T>(
  stream: ReadableStream<T>,
  errorOf: () => { readonly error: unknown } | undefined,
): ReadableStream<T> {
  return watchStream(stream, {
    onEnd() {
      const failure = errorOf();
      if (failure !== undefined) throw failure.error;
    },
  });
}
