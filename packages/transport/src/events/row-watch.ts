import { isFailed, type Completed, type Failed } from "@parallel-parrot/core";
import type { RowContext } from "../request/row-context.ts";
import type { EventPublisher } from "./event-publisher.ts";

/** Tells of the rows of a run that they are taken up, and what becomes of them. */
export class RowWatch {
  readonly #events: EventPublisher;
  /** Where the rows come several times, only those of the last time are told of. */
  readonly #isLast: boolean;

  constructor(events: EventPublisher, isLast: boolean) {
    this.#events = events;
    this.#isLast = isLast;
  }

  /** Whether anybody listens to what becomes of single rows. */
  get isOn(): boolean {
    const events = this.#events;
    return events.wants("row:start") || events.wants("row:end") || events.wants("journal:hit");
  }

  begin(row: RowContext): void {
    if (!this.#isLast) return;
    if (this.#events.wants("row:end")) row.startedAt = performance.now();
    if (this.#events.wants("row:start")) this.#events.publish("row:start", { row });
  }

  end(outcome: Completed | Failed, row: RowContext): void {
    if (!this.#isLast || !this.#events.wants("row:end")) return;
    const failure = isFailed(outcome) ? outcome.failure : undefined;
    this.#events.publish("row:end", {
      row,
      outcome: failure === undefined ? "completed" : "failed",
      code: failure?.code,
      message: failure?.message,
      completion: isFailed(outcome) ? undefined : outcome.completion,
      durationMs: row.startedAt === undefined ? 0 : performance.now() - row.startedAt,
    });
  }
}
