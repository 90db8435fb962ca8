import { isParrotError, type Item, type Row } from "@parallel-parrot/core";
import type { FrameBuilder, OnUnwritable } from "@parallel-parrot/formats";

/**
 * Adds a row that has come out to the frame that is made. One with a cell that its column's type cannot hold fails, as
 * it would in a sink.
 */
export async function addToFrame(
  builder: FrameBuilder,
  row: Row,
  item: Item | undefined,
  { onUnwritable }: { readonly onUnwritable: OnUnwritable },
): Promise<void> {
  const index = item?.index ?? 0;
  try {
    builder.add(index, row);
  } catch (error) {
    if (isParrotError(error)) throw error;
    const substitute = await onUnwritable({ row, index, item, error });
    if (substitute !== undefined) builder.add(index, substitute);
  }
}
