import { createInlet } from "./inlet.ts";
import { MAX_PACKET_ITEMS, Packet } from "./packet.ts";
import { PacketStream } from "./packet-stream.ts";
import { singleUse } from "./single-use.ts";
import type { Stage } from "./stage.ts";

/**
 * A stage that turns each chunk into zero, one or many, synchronously. Only a packet's worth of outputs is made
 * at a time, so a chunk that explodes into a million never sits in memory whole.
 *
 * @param onEnd called once, when the input has ended and every output is made
 */
export function flatMapStream<In, Out>(
  expand: (input: In) => Iterable<Out>,
  onEnd?: () => void,
): Stage<In, Out> {
  const inlet = createInlet<In>();
  let inputs: readonly In[] = [];
  let position = 0;
  let outputs: Iterator<Out> | undefined;
  let failure: { readonly error: unknown } | undefined;

  /** Makes outputs of the inputs at hand until a packet is full. Those made before a throw come out before it. */
  function fill(packet: Out[]): void {
    try {
      makeOutputs(packet);
    } catch (error) {
      if (packet.length === 0) throw error;
      failure = { error };
    }
  }

  function makeOutputs(packet: Out[]): void {
    while (packet.length < MAX_PACKET_ITEMS) {
      if (outputs === undefined) {
        if (position >= inputs.length) return;
        outputs = expand(inputs[position] as In)[Symbol.iterator]();
        position += 1;
      }
      const output = outputs.next();
      if (output.done === true) outputs = undefined;
      else packet.push(output.value);
    }
  }

  const readable = new ReadableStream<Packet<Out>>(
    {
      async pull(controller) {
        try {
          if (failure !== undefined) throw failure.error;
          const packet: Out[] = [];
          for (fill(packet); packet.length === 0; fill(packet)) {
            const next = await inlet.read();
            if (next === undefined) {
              onEnd?.();
              controller.close();
              return;
            }
            inputs = next;
            position = 0;
          }
          controller.enqueue(new Packet(packet));
        } catch (error) {
          inlet.error(error);
          throw error;
        }
      },
      cancel(reason) {
        inlet.error(reason);
        // A generator that was left in the middle may have something to put away.
        outputs?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  return singleUse({ readable: new PacketStream(readable), writable: inlet.writable });
}
