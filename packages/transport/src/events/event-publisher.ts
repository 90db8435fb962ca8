import { asError } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { channelOf } from "./event-channels.ts";
import type { EventBase, EventOf, EventRow, EventRun, EventType, RunEvent, WaitReason } from "./run-event.ts";

/** What only one type of events has. */
export type EventDetails<Type extends EventType> = Omit<EventOf<Type>, keyof EventBase<Type>>;

/** What waits: a row, or several in one request. */
interface WaitingRow extends EventRow {
  /** The rows that are asked for. */
  readonly asked: readonly EventRow[];
}

let runs = 0;

/** Tells what happens in one run, where somebody listens. */
export class EventPublisher {
  readonly run: EventRun;
  /** Called with what `onEvent` throws. It hears nothing more then. */
  onThrow: ((error: Error) => void) | undefined;
  #onEvent: ((event: RunEvent) => void) | undefined;

  constructor({ name, model }: Provider, onEvent?: (event: RunEvent) => void) {
    runs += 1;
    this.run = { id: runs, provider: name, model };
    this.#onEvent = onEvent;
  }

  /** Whether anybody listens to events of this type, so that they are worth making. */
  wants(type: EventType): boolean {
    return this.#onEvent !== undefined || channelOf(type).hasSubscribers;
  }

  publish<Type extends EventType>(type: Type, details: EventDetails<Type>): void {
    // The parts of a type of events make up an event of this type, which is more than the compiler can see.
    const event = { type, time: Date.now(), run: this.run, ...details } as unknown as EventOf<Type>;
    channelOf(type).publish(event);
    try {
      this.#onEvent?.(event);
    } catch (error) {
      this.#onEvent = undefined;
      this.onThrow?.(asError(error));
    }
  }

  /** Waits, and tells how long it took. */
  waiting<T>(reason: WaitReason, row: WaitingRow, wait: Promise<T>): Promise<T> {
    return this.wants("wait") ? this.#timed(reason, row, wait) : wait;
  }

  async #timed<T>(reason: WaitReason, row: WaitingRow, wait: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await wait;
    } finally {
      const durationMs = performance.now() - startedAt;
      if (durationMs >= 1) this.publish("wait", { row, rows: row.asked, reason, durationMs });
    }
  }
}
