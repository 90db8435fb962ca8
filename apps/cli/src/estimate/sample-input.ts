import { collect, type Row } from "@parallel-parrot/core";
import { sampleStream } from "@parallel-parrot/tidy";
import { checkTemplateColumns } from "../input/check-template-columns.ts";
import { checkHeaders } from "../input/check-headers.ts";
import { describeInputs } from "../input/describe-inputs.ts";
import { rowInput } from "../input/row-input.ts";
import { EqualInput } from "./equal-input.ts";
import type { RunOptions } from "../job/run-options.ts";
import { say } from "../terminal/report.ts";
import { SeenColumns } from "../input/seen-columns.ts";
import { describeSelection } from "../selection/describe-selection.ts";
import { madeInput } from "../selection/made-input.ts";
import { requireSelected, Selection } from "../selection/selection.ts";

/** A sample of the rows that would be asked. */
export interface InputSample {
  readonly items: readonly Row[];
  /** Rows that the sample was drawn from. */
  readonly total: number;
  /** All rows that would be asked. */
  readonly rows: number;
  /** Those of them with the prompt of an earlier row. */
  readonly equal: number;
  /** Lines that tell which rows of the input would be asked. */
  readonly selection: readonly string[];
}

/** Reads the input once, so that standard input works too. Counts the rows and the equal ones, and draws the sample. */
export async function sampleInput(
  inputs: readonly string[],
  options: RunOptions,
  size: number,
): Promise<InputSample> {
  let isWhole = false;
  const input = await madeInput(await rowInput(inputs, options), options);
  const source = input.open({ onDigest: () => (isWhole = true) });
  const header = await source.columns();
  await checkHeaders(input, header, (name, columns) => checkTemplateColumns(name, columns, options));
  requireSelected(input.name, header, options);
  for (const line of await describeInputs(input)) say(line);
  const columns = new SeenColumns(header);
  const equal = new EqualInput(options);
  const selection = new Selection(options);
  const asked = selection.rowsOf(source, (row) => columns.add(row));
  let total = 0;
  async function* differentRows(): AsyncGenerator<Row> {
    for await (const row of asked) {
      const isEqual = equal.next(row) !== undefined;
      if (isEqual && options.askEqualOnce) continue;
      total += 1;
      yield row;
    }
  }
  try {
    const drawn = sampleStream<Row>({ size, seed: options.sampleSeed });
    const items = await collect(ReadableStream.from(differentRows()).pipeThrough(drawn));
    checkTemplateColumns(input.name, columns.all, options);
    requireSelected(input.name, columns.all, options);
    return {
      items,
      total,
      rows: selection.asked,
      equal: equal.count,
      selection: describeSelection(selection, options, isWhole),
    };
  } finally {
    equal.close();
  }
}
