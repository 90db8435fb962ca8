import { transformStreamFrom, type Row, type Stage } from "parallel-parrot";

/** A stage of one's own: only rows whose text in `column` has at least `minLength` characters go on. */
export function onlyLongStream<R extends Row>(column: keyof R & string, minLength: number): Stage<R, R> {
  return transformStreamFrom(async function* (rows: AsyncIterable<R>) {
    for await (const row of rows) {
      if (String(row[column]).length >= minLength) yield row;
    }
  });
}
