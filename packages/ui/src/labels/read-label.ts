import { isRecord } from "@parallel-parrot/core";
import type { RowLabel } from "../wire.ts";

/** The longest note, in characters. */
const MOST_CHARACTERS = 10_000;

/**
 * The label that a request asks to keep, and the answer that it is of.
 *
 * @throws RangeError that says what is wrong with it
 */
export function readLabel(asked: unknown): { readonly answer: string; readonly label: RowLabel } {
  const { answer, verdict, note } = isRecord(asked) ? asked : {};
  if (typeof answer !== "string" || !/^[\da-f]{32}$/.test(answer))
    throw new RangeError("A label needs the answer that it is of");
  if (verdict !== undefined && verdict !== "good" && verdict !== "bad")
    throw new RangeError("An answer is labelled as good or as bad");
  if (note !== undefined && (typeof note !== "string" || note.length > MOST_CHARACTERS))
    throw new RangeError(`A note is a text of at most ${MOST_CHARACTERS} characters`);
  const words = note?.trim() || undefined;
  return {
    answer,
    label: {
      ...(verdict === undefined ? {} : { verdict }),
      ...(words === undefined ? {} : { note: words }),
    },
  };
}
