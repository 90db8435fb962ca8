import type { Row } from "@parallel-parrot/core";
import { checkTemplateColumns } from "../files/check-template-columns.ts";
import { EqualInput } from "./equal-input.ts";
import { rowInput } from "../files/row-input.ts";
import { randomSample, type RandomSample } from "./random-sample.ts";
import type { RunOptions } from "../job/run-options.ts";
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
  inputPath: string,
  options: RunOptions,
  { sample, sampleSeed }: { readonly sample: number; readonly sampleSeed: number },
): Promise<InputSample> {
  const input = rowInput(inputPath, options);
  const source = input.open();
  const header = await source.columns();
  checkTemplateColumns(input.name, header, options);
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
