import type { Item } from "../items/item.ts";
import { acceptPackets, itemsOf, originsOf, Packet, type Origins } from "./packet.ts";
import { PacketStream } from "./packet-stream.ts";
import { singleUse } from "./single-use.ts";
import type { Stage } from "./stage.ts";

/**
 * A stage that turns each chunk into one other, in order. A throw or rejection stops the run: both neighbours
 * get the same error.
 *
 * @param map gets a chunk, and the row of the input that it was made of, where a stage before has told that
 */
export function mapStream<In, Out>(
  map: (input: In, origin: Item | undefined) => Out | Promise<Out>,
): Stage<In, Out> {
  const { readable, writable } = new TransformStream<In | Packet<In>, Packet<Out>>({
    transform(chunk, controller) {
      const origins = originsOf(chunk);
      const outputs = mapAll(itemsOf(chunk), origins, map);
      if (areSettled(outputs)) controller.enqueue(new Packet(outputs, origins));
      else return Promise.all(outputs).then((settled) => controller.enqueue(new Packet(settled, origins)));
      return undefined;
    },
  });
  return singleUse({ readable: new PacketStream(readable), writable: acceptPackets(writable) });
}

function mapAll<In, Out>(
  inputs: readonly In[],
  origins: Origins,
  map: (input: In, origin: Item | undefined) => Out | Promise<Out>,
): readonly (Out | Promise<Out>)[] {
  const outputs: (Out | Promise<Out>)[] = [];
  try {
    for (const [place, input] of inputs.entries()) outputs.push(map(input, origins?.[place]));
  } catch (error) {
    // Nobody waits for the earlier promises any more, and their rejection must not end the process.
    for (const output of outputs) if (output instanceof Promise) output.catch(() => undefined);
    throw error;
  }
  return outputs;
}

function areSettled<T>(outputs: readonly (T | Promise<T>)[]): outputs is readonly T[] {
  return !outputs.some((output) => output instanceof Promise);
}
