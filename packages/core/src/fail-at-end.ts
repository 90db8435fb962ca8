import { watchStream } from "./watch-stream.ts";

/**
 * A stream that fails where another ends, if there is an error by then. For an error that is to come out behind
 * everything that was finished before it.
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
