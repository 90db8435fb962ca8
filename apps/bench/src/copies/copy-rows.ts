import { openSink, openSource } from "parallel-parrot";

/** Copies the rows of a file into another one, whose formats are those of their names. */
export async function copyRows(from: string, to: string): Promise<void> {
  const source = openSource(from);
  const [columns, columnTypes] = [await source.columns(), await source.columnTypes()];
  await source.pipeTo(
    await openSink(to, {
      overwrite: true,
      ...(columns === undefined ? {} : { columns }),
      ...(columnTypes === undefined ? {} : { columnTypes }),
    }),
  );
}
