import type { Output } from "@parallel-parrot/core";
import type { Format } from "@parallel-parrot/formats";
import type { Price, Provider, ReasoningEffort } from "@parallel-parrot/providers";
import type { PromptTemplate } from "@parallel-parrot/template";
import type { OnContext } from "@parallel-parrot/transport";
import type { MaxFailures } from "parallel-parrot";
import type { ReadingFlags } from "../files/formats-of.ts";

/** The options that every command with rows in and rows out has, as the command line gives them. */
export interface IoFlags extends ReadingFlags {
  readonly overwrite: boolean;
  readonly from?: Format | undefined;
  readonly to?: Format | undefined;
  readonly onCollision: "suffix" | "overwrite" | "keep" | "error";
  readonly onEmpty: "null" | "drop";
  readonly failed?: string | undefined;
  readonly escapeFormulas: boolean;
  readonly quiet: boolean;
}

/** The options of `text` and `data` that say how to run. */
export interface RunFlags extends IoFlags {
  /** Without, `"null"` where each row has one answer and `"drop"` where it has a list. */
  readonly onFailure?: "drop" | "null" | "stop" | undefined;
  readonly n: number;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly seed?: number | undefined;
  readonly reasoningEffort?: ReasoningEffort | undefined;
  readonly stop?: string[] | undefined;
  /** What becomes of a row whose prompt is too long for the model; without, it fails. */
  readonly onContext?: OnContext | undefined;
  readonly concurrency?: number | undefined;
  readonly rpm?: number | undefined;
  readonly tpm?: number | undefined;
  readonly timeout: number;
  readonly maxOutage: number;
  readonly maxAttempts: number;
  readonly order: "input" | "completion";
  readonly lineage: boolean;
  readonly preview?: number | undefined;
  readonly maxCost?: number | undefined;
  readonly maxTotalTokens?: number | undefined;
  readonly maxRequests?: number | undefined;
  readonly price?: Price | undefined;
  /** Path of the journal; `false` for none. */
  readonly journal: string | false;
  /** Whether the answers of others in the journal are taken over; never taken from a journal. @default false */
  readonly trustJournal?: boolean | undefined;
  /** Whether everything is asked, whatever earlier runs have. */
  readonly fresh: boolean;
  /** Whether rows with the same prompt are asked once and share the answer; runs of older versions do not say. */
  readonly askEqualOnce?: boolean | undefined;
  /** Whether stored answers are read anew and nothing is asked. */
  readonly reparse: boolean;
  /** The only folder that image files are read from. */
  readonly imageFolder?: string | undefined;
  readonly maxFailures?: MaxFailures | undefined;
  /** Seconds that requests in flight get at a stop. */
  readonly grace?: number | undefined;
}

/** Everything that a run needs. */
export interface RunOptions extends RunFlags {
  readonly keyFile?: string | undefined;
  readonly provider: Provider;
  readonly prompt: PromptTemplate;
  readonly wanted: Output;
  readonly outputPath: string;
  readonly onFailure: "drop" | "null" | "stop";
}
