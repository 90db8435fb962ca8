import { cellIdentity, type Row } from "@parallel-parrot/core";

/**
 * A test that tells of each output of a row, asked in order, whether it is the first of its kind. The order of
 * keys does not count. Outputs whose outlines all differ, as they mostly do, are not looked at more closely.
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
 * A number that is the same for equal outputs, and mostly another for different ones: what their texts and
 * numbers add up to, in 32 bits, as only sums of integers are the same in any order of keys.
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

/** The first and the last character and the one in the middle tell most texts of one length apart. */
function outlineOfText(text: string): number {
  const { length } = text;
  if (length === 0) return 0;
  const middle = text.charCodeAt(length >> 1);
  return length * 65_537 + text.charCodeAt(0) * 257 + middle * 31 + text.charCodeAt(length - 1);
}
