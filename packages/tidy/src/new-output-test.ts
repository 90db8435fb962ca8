import { cellIdentity, type Row } from "@parallel-parrot/core";

/**
 * Makes a test that says of each output of a row, in their order, whether no earlier one is equal. The order of keys
 * does not count. Most outputs have different outlines, and are not compared any further.
 */
export function newOutputTest(outputs: readonly (readonly Row[])[]): (output: Row) => boolean {
  const outlines = new Set<number>();
  let count = 0;
  for (const list of outputs) {
    for (const output of list) outlines.add(outlineOf(output));
    count += list.length;
  }
  if (outlines.size === count) return () => true;
  const seen = new Set<string>();
  return (output) => seen.size < seen.add(cellIdentity(output)).size;
}

/**
 * A number that is the same for equal outputs, and for different ones mostly is not: the sum of what stands for their
 * texts and numbers, in 32 bits. A sum of integers is the same in any order of keys; a sum of fractions is not.
 */
function outlineOf(output: Row): number {
  let outline = 0;
  for (const column of Object.keys(output)) {
    const cell = output[column];
    if (typeof cell === "string") outline = (outline + outlineOfText(cell)) | 0;
    else if (typeof cell === "number") outline = (outline + (cell | 0)) | 0;
    else if (typeof cell === "bigint") outline = (outline + Number(BigInt.asIntN(32, cell))) | 0;
  }
  return outline;
}

/** Most texts of the same length differ in their first, middle or last character. */
function outlineOfText(text: string): number {
  const { length } = text;
  if (length === 0) return 0;
  const middle = text.charCodeAt(length >> 1);
  return length * 65_537 + text.charCodeAt(0) * 257 + middle * 31 + text.charCodeAt(length - 1);
}
