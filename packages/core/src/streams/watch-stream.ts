import { itemsOf } from "./packet.ts";
import { throughPackets } from "./packet-stream.ts";

/** What {@linkcode watchStream} calls. */
export interface StreamWatcher {
  /** Chunks that are about to come out, counted. */
  onItems?(count: number): void;
  /** The stream has ended, and its reader is about to be told. What this throws, the stream fails with. */
  onEnd?(): void | Promise<void>;
  /**
   * The reader has left. Whether the stream is read to its end all the same, because what is still on its way has been
   * paid for; the reader's `cancel` waits for that. @default it is cancelled
   */
  readsOn?(reason: unknown): boolean;
  /** The stream has failed, or its reader has left: `onEnd` is not called any more. */
  onBreak?(reason: unknown): void;
}

/** A stream as it is, watched from behind: for what has to be done when everything in front of it is done. */
export function watchStream<T>(stream: ReadableStream<T>, watcher: StreamWatcher): ReadableStream<T> {
  return throughPackets(stream, (chunks) => watchChunks(chunks, watcher));
}

function watchChunks<Chunk>(stream: ReadableStream<Chunk>, watcher: StreamWatcher): ReadableStream<Chunk> {
  const reader = stream.getReader();
  reader.closed.catch((error: unknown) => watcher.onBreak?.(error));
  return new ReadableStream<Chunk>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          await watcher.onEnd?.();
          controller.close();
          return;
        }
        watcher.onItems?.(itemsOf(value).length);
        controller.enqueue(value);
      },
      async cancel(reason) {
        if (watcher.readsOn?.(reason) === true) await readToEnd(reader);
        watcher.onBreak?.(reason);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Reads what is left; nobody takes it, and what it fails with is what the reader has left for. */
async function readToEnd(reader: ReadableStreamDefaultReader<unknown>): Promise<void> {
  try {
    for (let isOver = false; !isOver;) isOver = (await reader.read()).done;
  } catch {
    // The stream has ended, too.
  }
}
