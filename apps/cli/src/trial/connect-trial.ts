import type { Failed, Item, Parsed, Row, Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import { pipeline } from "parallel-parrot";
import { failedRows } from "../failed/failed-rows.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { Connected } from "../run/connect.ts";
import { pipelinePart } from "../flags/pipeline-part.ts";
import { askingOptions, withoutUndefined } from "../run/pipeline-options.ts";
import type { WayOfAsking } from "../run/way-of-asking.ts";

/** How a trial asks: without a journal, it finds no answers. */
export type TrialOptions = Partial<Pick<WayOfAsking, "reuse" | "requestOutput" | "earlier">> & {
  readonly journal: JournalRun | undefined;
  /** The runs of the later steps. @default there are none */
  readonly laterRuns?: readonly JournalRun[];
};

interface TrialConnection {
  readonly given: TrialOptions;
  readonly signal: AbortSignal;
  /** Is told of each row, with the place of its step, under its number in the input. */
  readonly onRow: (place: number, item: Parsed | Failed, usage: Usage) => void;
}

/** Connects the stages of a trial: one pipeline, or those of all steps. */
export async function connectTrial(
  items: readonly Item[],
  options: RunOptions,
  { given: { laterRuns = [], ...given }, signal, onRow }: TrialConnection,
): Promise<Pick<Connected, "rows"> & { readonly run: Omit<Connected["run"], "onUnwritable"> }> {
  const source = ReadableStream.from(items.map(({ row }) => row));
  const rowIndex = (position: number): number => items[position]?.index ?? position;
  const how = { signal, checkFirstRow: false, rowIndex };
  if (options.later === undefined) {
    const run = pipeline<Row, Row>({
      ...askingOptions(options),
      ...withoutUndefined(given),
      ...how,
      onStop: "close",
      onRow: (item, usage) => onRow(0, item, usage),
    });
    return { rows: source.pipeThrough(run), run };
  }
  const [{ connectSteps }, { sharedBudget }] = [
    await import("../steps/connect-steps.ts"),
    await import("../steps/shared-budget.ts"),
  ];
  return connectSteps(source, failedRows(undefined), options, {
    ...given,
    ...how,
    onStop: "close",
    laterRuns,
    budget: await sharedBudget(pipelinePart(options).budget, [given.journal, ...laterRuns]),
    inputColumns: undefined,
    onRow,
  });
}
