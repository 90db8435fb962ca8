import { traitsOf, type Format, type RowSource } from "@parallel-parrot/formats";
import { outputLayoutOf, outputNamesOf } from "../output/formats-of.ts";
import type { RowsOut } from "../output/open-place.ts";
import type { RowInput } from "../input/row-input.ts";
import { typesUnknown } from "../output/types-unknown.ts";
import type { ExplodeFlags } from "./column-options.ts";
import { explodedColumns, type Exploded } from "./exploded-columns.ts";
import { explodedTypes } from "./exploded-types.ts";

/** The rows that an input explodes into. */
export interface ExplodedRows {
  /** What is known of them beforehand; `undefined` where nothing has to be, or can be. */
  readonly found: Exploded | undefined;
  /** The columns of the input that they keep. */
  readonly known: readonly string[];
  /** Their columns, as far as they are known. */
  readonly names: readonly string[];
  /** How they are written. */
  readonly out: RowsOut;
}

/** What is known of the input, and of the output. */
interface ExplodedInput {
  readonly input: RowInput;
  /** Its rows, of which none was read. */
  readonly source: RowSource;
  readonly columns: readonly string[] | undefined;
  readonly to: Format;
  /** Whether the header of the output cannot grow, as it is written once. */
  readonly isStream: boolean;
  /** Of one of several inputs, whether the exploded column holds nothing in all of them. */
  readonly isEmptyInAll?: boolean;
}

/** Finds out about the rows that an input explodes into what is needed to write them. */
export async function explodedRows(
  { input, source, columns, to, isStream, isEmptyInAll }: ExplodedInput,
  options: ExplodeFlags,
): Promise<ExplodedRows> {
  const { column } = options;
  const known = new Set(columns?.filter((name) => name !== column));
  const { isTable, hasTypes } = traitsOf(to);
  const found = isTable ? await explodedColumns(input, known, options, isEmptyInAll) : undefined;
  if (hasTypes && found === undefined) throw typesUnknown(input.name, to);
  const inputTypes = hasTypes ? await source.columnTypes() : undefined;
  // The header of a stream is written once, that of a text file can still grow.
  const added = found?.types.keys() ?? (isTable && isStream ? [column] : []);
  const names = options.columns ?? [...new Set([...known, ...added])];
  return {
    found,
    known: [...known],
    names,
    out: {
      columns: hasTypes
        ? { columnTypes: explodedTypes(names, found?.types, inputTypes, options) }
        : { columns: names },
      // Formulas are escaped before elements are joined with the cells of the input.
      format: {
        format: to,
        ...outputLayoutOf(to, options, { format: input.format, layout: await source.layout() }),
        ...outputNamesOf(options),
        escapeFormulas: false,
      },
    },
  };
}
