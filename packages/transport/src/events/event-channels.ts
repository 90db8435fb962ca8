import { channel, type Channel } from "node:diagnostics_channel";
import type { EventOf, EventType } from "./run-event.ts";

const CHANNELS: Readonly<Record<EventType, Channel>> = {
  "row:start": channel("parallel-parrot:row:start"),
  "row:end": channel("parallel-parrot:row:end"),
  "attempt:start": channel("parallel-parrot:attempt:start"),
  "attempt:end": channel("parallel-parrot:attempt:end"),
  wait: channel("parallel-parrot:wait"),
  limit: channel("parallel-parrot:limit"),
  cut: channel("parallel-parrot:cut"),
  breaker: channel("parallel-parrot:breaker"),
  reask: channel("parallel-parrot:reask"),
  "journal:hit": channel("parallel-parrot:journal:hit"),
  "batch:job": channel("parallel-parrot:batch:job"),
};

/** All types of events. */
export const EVENT_TYPES: readonly EventType[] = Object.keys(CHANNELS) as EventType[];

/** The channel of `node:diagnostics_channel` on which events of a type are told: `parallel-parrot:` and the type. */
export function channelOf(type: EventType): Channel {
  return CHANNELS[type];
}

/**
 * Listens to the events of one type of all runs in this process. What a listener throws becomes an uncaught exception, as
 * `node:diagnostics_channel` has it.
 *
 * @returns a function that ends it
 */
export function subscribe<Type extends EventType>(
  type: Type,
  listener: (event: EventOf<Type>) => void,
): () => void {
  const { name } = CHANNELS[type];
  const heard = (event: unknown): void => listener(event as EventOf<Type>);
  CHANNELS[type].subscribe(heard);
  return () => {
    channel(name).unsubscribe(heard);
  };
}
