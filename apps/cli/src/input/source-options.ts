import type { OpenSourceOptions } from "@parallel-parrot/formats";
import type { ReadingOptions } from "../flags/options.ts";

/** The options of a source that follow from those of a command, besides the format. */
export function sourceOptionsOf({
  delimiter,
  quotes,
  ragged,
  skipLines,
  comment,
  escape,
  strict,
  encoding,
  longNumbers,
  sourceColumn,
  records,
  nan,
  sheet,
  table,
  query,
}: ReadingOptions): Omit<OpenSourceOptions, "format"> {
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    longNumbers: longNumbers === "text" ? "text" : "bigint",
    ...(quotes === false ? { quotes: false } : {}),
    ...(ragged === undefined ? {} : { ragged }),
    ...(sourceColumn === undefined ? {} : { sourceColumn }),
    ...(records === undefined ? {} : { records }),
    ...(nan === undefined ? {} : { nan }),
    ...(skipLines === undefined ? {} : { skipLines }),
    ...(comment === undefined ? {} : { comment }),
    ...(escape === undefined ? {} : { escape }),
    ...(strict === true ? { strict } : {}),
    ...(encoding === undefined ? {} : { encoding }),
    ...(sheet === undefined ? {} : { sheet }),
    ...(table === undefined ? {} : { table }),
    ...(query === undefined ? {} : { query }),
  };
}
