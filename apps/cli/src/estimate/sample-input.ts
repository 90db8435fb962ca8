import type { Row } from "@parallel-parrot/core";
import { checkTemplateColumns } from "../files/check-template-columns.ts";
import { EqualInput } from "./equal-input.ts";
import { checkHeaders } from "../files/check-headers.ts";
import { describeInputs } from "../files/describe-inputs.ts";
import { rowInput } from "../files/row-input.ts";
import { randomSample, type RandomSample } from "./random-sample.ts";
import type { RunOptions } from "../job/run-options.ts";
import { say } from "../terminal/report.ts";
import { SeenColumns } from "../files/seen-columns.ts";

/** A sample of the rows that would be asked. */
export interface InputSample extends RandomSample<Row> {
  /** All rows of the input. */
  readonly rows: number;
  /** Rows of the input with the prompt of an earlier row. */
  readonly equal: number;
}

/** Reads the input once, so that standard input works too. Counts all rows and the equal ones, and draws the sample. */
export async function sampleInput(
  inputs: readonly string[],
  options: RunOptions,
  { sample, sampleSeed }: { readonly sample: number; readonly sampleSeed: number },
): Promise<InputSample> {
  const input = await rowInput(inputs, options);
  const source = input.open();
  const header = await source.columns();
  await checkHeaders(input, header, (name, columns) => checkTemplateColumns(name, columns, options));
  for (const line of await describeInputs(input)) say(line);
  const columns = new SeenColumns(header);
  const equal = new EqualInput(options);
  let rows = 0;
  async function* rowsToAsk(): AsyncGenerator<Row> {
    for await (const row of source) {
      rows += 1;
      columns.add(row);
      const isEqual = equal.next(row) !== undefined;
      if (!(isEqual && options.askEqualOnce)) yield row;
    }
  }
  try {
    const drawn = await randomSample(rowsToAsk(), sample, sampleSeed);
    checkTemplateColumns(input.name, columns.all, options);
    return { ...drawn, rows, equal: equal.count };
  } finally {
    equal.close();
  }
}
