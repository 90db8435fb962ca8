import type { ValuesOf } from "./flag.ts";
import type { COLUMNS_FLAGS, DATA_FLAGS, GENERATE_FLAGS, TEXT_FLAGS } from "./job-flags.ts";
import type { READING_FLAGS } from "./groups/reading-flags.ts";
import type { ModelOptions } from "../compare/compared-models.ts";
import type { SELECTION_FLAGS } from "./groups/selection-flags.ts";
import type { WRITING_FLAGS } from "./groups/writing-flags.ts";

/** Options of every command that reads rows; the command line of a test may leave some out. */
export type ReadingOptions = Partial<ValuesOf<typeof READING_FLAGS>>;

/** Which rows are asked, and which columns are kept; the command line of a test may leave some out. */
export type SelectionOptions = Partial<ValuesOf<typeof SELECTION_FLAGS>> & ModelOptions;

/** Options of every command that writes rows. */
export type WritingOptions = ValuesOf<typeof WRITING_FLAGS>;

/** Options of `parrot text`, `parrot columns` and `parrot data` alike. */
export type GenerateOptions = ValuesOf<typeof GENERATE_FLAGS> & {
  /** What is in the prompt file. */
  readonly promptText?: string | undefined;
  /** What is in the file of extra fields. */
  readonly extraBodyText?: string | undefined;
};

/** Options of `parrot text`. */
export type GenerateTextOptions = GenerateOptions & ValuesOf<typeof TEXT_FLAGS>;

/** Options of `parrot columns`. */
export type GenerateColumnsOptions = GenerateOptions &
  ValuesOf<typeof COLUMNS_FLAGS> & {
    /** What is in the schema file. */
    readonly schemaText?: string | undefined;
  };

/** Options of `parrot data`. */
export type GenerateDataOptions = GenerateOptions &
  ValuesOf<typeof DATA_FLAGS> & {
    /** What is in the schema file. */
    readonly schemaText?: string | undefined;
  };
