import { createInlet } from "./inlet.ts";
import type { Item } from "../items/item.ts";
import { MAX_PACKET_ITEMS, Packet } from "./packet.ts";
import { PacketStream } from "./packet-stream.ts";
import { singleUse } from "./single-use.ts";
import type { Stage } from "./stage.ts";

/** Options of {@linkcode flatMapStream}. */
export interface FlatMapOptions<In, Out> {
  /** Makes the outputs that come after those of all chunks. Is called once, when the input has ended. @default none */
  readonly last?: () => Iterable<Out>;
  /** Is called once, when the input has ended and every output is made. @default nothing is called */
  readonly onEnd?: () => void;
  /**
   * Tells which row of the input a chunk is, so that a later stage can say whose output it fails on.
   * @default outputs are of the row that their chunk was made of
   */
  readonly itemOf?: (input: In) => Item;
  /**
   * Whether no chunk after those so far gives an output. Then the stage ends, and its source is cancelled: nothing of
   * the rest is read. @default the input is read to its end
   */
  readonly isEnough?: () => boolean;
}

/**
 * A stage that turns each chunk into zero, one or many, synchronously. Only a packet's worth of outputs is made
 * at a time, so a chunk that explodes into a million never sits in memory whole.
 */
export function flatMapStream<In, Out>(
  expand: (input: In) => Iterable<Out>,
  { last, onEnd, itemOf, isEnough = () => false }: FlatMapOptions<In, Out> = {},
): Stage<In, Out> {
  const inlet = createInlet<In>();
  let inputs = new Packet<In>([]);
  let position = 0;
  let outputs: Iterator<Out> | undefined;
  /** The row of the input that `outputs` are made of. */
  let origin: Item | undefined;
  let failure: { readonly error: unknown } | undefined;
  let isLast = false;

  /** Makes outputs of the inputs at hand until a packet is full. Those made before a throw come out before it. */
  function fill(packet: Out[], origins: (Item | undefined)[]): void {
    try {
      makeOutputs(packet, origins);
    } catch (error) {
      if (packet.length === 0) throw error;
      failure = { error };
    }
  }

  function makeOutputs(packet: Out[], origins: (Item | undefined)[]): void {
    while (packet.length < MAX_PACKET_ITEMS) {
      if (outputs === undefined) {
        if (position >= inputs.items.length || isEnough()) return;
        const input = inputs.items[position] as In;
        origin = itemOf === undefined ? inputs.origins?.[position] : itemOf(input);
        position += 1;
        outputs = expand(input)[Symbol.iterator]();
      }
      const output = outputs.next();
      if (output.done === true) outputs = undefined;
      else {
        packet.push(output.value);
        origins.push(origin);
      }
    }
  }

  /** Goes on to the next inputs, or to what comes last; `false` at the end of both. */
  async function takeNext(): Promise<boolean> {
    if (isLast) return false;
    const next = isEnough() ? undefined : await inlet.read();
    if (next !== undefined) {
      inputs = next;
      position = 0;
      return true;
    }
    // The source of a stage that has enough learns that the rest is not wanted.
    if (isEnough()) inlet.error(new Error("Enough was read"));
    isLast = true;
    origin = undefined;
    outputs = last?.()[Symbol.iterator]();
    return outputs !== undefined;
  }

  const readable = new ReadableStream<Packet<Out>>(
    {
      async pull(controller) {
        try {
          if (failure !== undefined) throw failure.error;
          const packet: Out[] = [];
          const origins: (Item | undefined)[] = [];
          for (fill(packet, origins); packet.length === 0; fill(packet, origins)) {
            if (await takeNext()) continue;
            onEnd?.();
            controller.close();
            return;
          }
          controller.enqueue(new Packet(packet, origins));
        } catch (error) {
          inlet.error(error);
          throw error;
        }
      },
      cancel(reason) {
        inlet.error(reason);
        // A generator that is left in the middle may have something to clean up.
        outputs?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  return singleUse({ readable: new PacketStream(readable), writable: inlet.writable });
}
