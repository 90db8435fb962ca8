/** Copies the rows of a file into another one, whose formats are those of their names. Started with `watched-process.ts`. */
import { openSink, openSource } from "parallel-parrot";

const [, , from = "", to = ""] = process.argv;
const source = openSource(from);
const [columns, columnTypes] = [await source.columns(), await source.columnTypes()];
await source.pipeTo(
  await openSink(to, {
    overwrite: true,
    ...(columns === undefined ? {} : { columns }),
    ...(columnTypes === undefined ? {} : { columnTypes }),
  }),
);
