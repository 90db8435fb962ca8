import { mapStream, type Row } from "@parallel-parrot/core";
import type { JournalInspection } from "@parallel-parrot/journal";
import { failedRows } from "../failed/failed-rows.ts";
import type { RunOptions, StepOptions } from "../job/run-options.ts";
import { readOnlyRun } from "../journal/read-only-run.ts";
import type { LookedUpRow } from "../outlook/looked-up-rows.ts";
import { connectSteps } from "../steps/connect-steps.ts";
import type { FoundResponses } from "./found-responses.ts";

/** Rows that are given together. */
const PACKET_ROWS = 256;

/** A row that has come to a step, and the row of the input that it was made of. */
export interface StepRow extends LookedUpRow {
  readonly origin: number;
}

interface StepRowsOptions {
  /** The whole run. */
  readonly options: RunOptions;
  /** The place of the step among its steps; 0 for the first. */
  readonly place: number;
  readonly journal: JournalInspection;
  /** Notes what the step finds. */
  readonly responses: FoundResponses;
  readonly rowIndex: (position: number) => number;
}

/** What a later step of a run has asked and got, read again through the steps before it, in packets and in order. */
export async function* stepRows(
  input: ReadableStream<Row>,
  { options, place, journal, responses, rowIndex }: StepRowsOptions,
): AsyncGenerator<readonly StepRow[]> {
  const waiting = new Map<number, StepRow>();
  const kept = readOnlyRun(journal);
  const later = options.later?.slice(0, place).map(asShown) ?? [];
  const { rows } = connectSteps(
    input,
    failedRows(undefined),
    { ...options, onFailure: "null", maxFailures: undefined, later },
    {
      journal: kept,
      laterRuns: later.map(() => kept),
      budget: undefined,
      inputColumns: undefined,
      reuse: "only",
      checkFirstRow: false,
      rowIndex,
      adjust: (asked, step) =>
        step.place === place
          ? {
              ...asked,
              ...responses.noted({ rowParams: asked.rowParams }),
              journal: responses.journal,
              onRow: (item, usage) => {
                waiting.set(item.index, { item, usage, origin: step.originOf(item.index) });
              },
            }
          : asked,
    },
  );
  const numbers = rows.pipeThrough(mapStream((_: Row, item) => ({ index: item?.index ?? -1 })));
  let packet: StepRow[] = [];
  for await (const { index } of numbers) {
    const row = waiting.get(index);
    if (row === undefined) continue;
    waiting.delete(index);
    packet.push(row);
    if (packet.length < PACKET_ROWS) continue;
    yield packet;
    packet = [];
  }
  // Rows without an output leave no row behind.
  yield [...packet, ...waiting.values()].toSorted((a, b) => a.item.index - b.item.index);
}

/** A step in which rows that fail go on, so that all of them are shown. */
function asShown(step: StepOptions): StepOptions {
  return Object.assign({}, step, { onFailure: "null" });
}
