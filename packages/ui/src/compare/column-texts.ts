import { setImmediate as afterIo } from "node:timers/promises";
import type { RowIndex } from "../rows/row-index.ts";

/** The most values of a column that are taken for categories. */
export const MOST_CATEGORIES = 50;
/** Blocks of rows between two turns of other requests. */
const BLOCKS_AT_ONCE = 64;

/** What a column of outputs has in each row, as numbers that are equal where the texts are. */
export interface ColumnTexts {
  /** By the places of rows; 0 where a row has no output. */
  readonly numbers: Float64Array;
  /** The texts of the first values. */
  readonly values: ReadonlyMap<number, string>;
}

/** Reads a column of outputs. Several outputs of a row count as one text. */
export async function columnTexts(index: RowIndex, name: string): Promise<ColumnTexts> {
  const numbers = new Float64Array(index.count);
  const values = new Map<number, string>();
  let blocks = 0;
  for (const [first, cells] of index.blocksOf({ of: "output", name })) {
    for (const [row, text] of cells) {
      const place = first + row;
      const before = numbers[place] ?? 0;
      const number = textNumber(text, before);
      numbers[place] = number;
      if (values.size <= MOST_CATEGORIES)
        values.set(number, before === 0 ? text : `${values.get(before) ?? ""}, ${text}`);
    }
    blocks += 1;
    if (blocks % BLOCKS_AT_ONCE === 0) await afterIo();
  }
  return { numbers, values };
}

/** A number of 53 bits for a text behind others, which is never 0. The sums are those of cyrb53. */
function textNumber(text: string, before: number): number {
  let [high, low] = [0xdeadbeef ^ before, 0x41c6ce57 ^ (before / 2 ** 21)];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 2 ** 32 * (2_097_151 & low) + (high >>> 0) || 1;
}
