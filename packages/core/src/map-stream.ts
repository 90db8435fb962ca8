import { acceptPackets, itemsOf, Packet } from "./packet.ts";
import { PacketStream } from "./packet-stream.ts";
import type { Stage } from "./stage.ts";

/**
 * A stage that turns each chunk into one other, in order. A throw or rejection stops the run: both neighbours
 * get the same error.
 */
export function mapStream<In, Out>(map: (input: In) => Out | Promise<Out>): Stage<In, Out> {
  const { readable, writable } = new TransformStream<In | Packet<In>, Packet<Out>>({
    transform(chunk, controller) {
      const outputs = itemsOf(chunk).map((input) => map(input));
      if (areSettled(outputs)) controller.enqueue(new Packet(outputs));
      else return Promise.all(outputs).then((settled) => controller.enqueue(new Packet(settled)));
      return undefined;
    },
  });
  return { readable: new PacketStream(readable), writable: acceptPackets(writable) };
}

function areSettled<T>(outputs: readonly (T | Promise<T>)[]): outputs is readonly T[] {
  return !outputs.some((output) => output instanceof Promise);
}
