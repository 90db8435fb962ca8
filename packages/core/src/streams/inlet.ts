import { acceptPackets, Packet } from "./packet.ts";

/** The writable side of a stage that reads what is written, a packet's worth at a time. */
export interface Inlet<T> {
  readonly writable: WritableStream<T>;
  /** The next items, `undefined` at the end; rejects when the writer aborts. One read at a time. */
  read(): Promise<Packet<T> | undefined>;
  /** Ends a read in progress and tells the writer why nothing more is taken. */
  error(reason: unknown): void;
}

/** A write is done when its items have been read and the next ones are asked for, so nothing queues up in between. */
export function createInlet<T>(): Inlet<T> {
  let waiting: Packet<T> | undefined;
  let isClosed = false;
  let failure: { readonly reason: unknown } | undefined;
  let wakeReader: (() => void) | undefined;
  let taken: (() => void) | undefined;
  let controller: WritableStreamDefaultController | undefined;

  function fail(reason: unknown): void {
    failure ??= { reason };
    waiting = undefined;
    wakeReader?.();
    taken?.();
  }

  const writable = new WritableStream<T | Packet<T>>({
    start(own) {
      controller = own;
    },
    write(chunk) {
      if (failure !== undefined) return undefined;
      waiting = chunk instanceof Packet ? chunk : new Packet([chunk]);
      const { promise, resolve } = Promise.withResolvers<void>();
      taken = resolve;
      wakeReader?.();
      return promise;
    },
    close() {
      isClosed = true;
      wakeReader?.();
    },
    abort: fail,
  });

  return {
    writable: acceptPackets(writable),
    async read() {
      // The reader asks again when it is done with the items that it has read.
      if (waiting === undefined) taken?.();
      while (waiting === undefined && !isClosed && failure === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wakeReader = resolve;
        await promise;
        wakeReader = undefined;
      }
      if (failure !== undefined) throw failure.reason;
      const packet = waiting;
      waiting = undefined;
      return packet;
    },
    error(reason) {
      controller?.error(reason);
      fail(reason);
    },
  };
}
