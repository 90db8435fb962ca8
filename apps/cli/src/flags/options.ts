import type { ValuesOf } from "./flag.ts";
import type { IO_FLAGS } from "./io-flags.ts";
import type { DATA_FLAGS, GENERATE_FLAGS, TEXT_FLAGS } from "./job-flags.ts";

/** Options of every command with rows in and rows out. */
export type IoFlags = ValuesOf<typeof IO_FLAGS>;

/** Options of `parrot text` and `parrot data` alike. */
export type GenerateOptions = ValuesOf<typeof GENERATE_FLAGS> & {
  /** What is in the prompt file. */
  readonly promptText?: string | undefined;
  /** What is in the file of extra fields. */
  readonly extraBodyText?: string | undefined;
};

/** Options of `parrot text`. */
export type GenerateTextOptions = GenerateOptions & ValuesOf<typeof TEXT_FLAGS>;

/** Options of `parrot data`. */
export type GenerateDataOptions = GenerateOptions &
  ValuesOf<typeof DATA_FLAGS> & {
    /** What is in the schema file. */
    readonly schemaText?: string | undefined;
  };
