import { PacketStream, type Inlet, type Packet, type Stage } from "@parallel-parrot/core";

/** A stage that gives what a generator gives, as it is asked for, and whose input is read from an inlet. */
export function pulledStage<I, O>(
  inlet: Inlet<I>,
  outputs: AsyncGenerator<Packet<O>, undefined>,
  onCancel: (reason: unknown) => void,
): Stage<I, O> {
  const readable = new ReadableStream<Packet<O>>(
    {
      pull: async (controller) => {
        try {
          const next = await outputs.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          inlet.error(error);
          throw error;
        }
      },
      cancel: async (reason) => {
        onCancel(reason);
        inlet.error(reason);
        await outputs.return(undefined).catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return { readable: new PacketStream(readable), writable: inlet.writable };
}
