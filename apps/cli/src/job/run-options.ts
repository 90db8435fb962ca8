import type { Output, Row } from "@parallel-parrot/core";
import type { GenerationParams, Provider } from "@parallel-parrot/providers";
import type { PromptTemplate } from "@parallel-parrot/template";
import type { WithNumbers } from "../by-row/row-values.ts";
import type { Comparison } from "../compare/comparison.ts";
import type { GenerateOptions } from "../flags/options.ts";

/** The options of a job made ready for a run: the provider, the prompt and the output are built from them. */
export interface RunOptions extends Omit<WithNumbers<GenerateOptions>, "prompt" | "onFailure"> {
  readonly provider: Provider;
  readonly prompt: PromptTemplate;
  readonly wanted: Output;
  readonly outputPath: string;
  readonly onFailure: "drop" | "null" | "stop";
  /** The parameters that rows give themselves. */
  readonly rowParams?: (row: Row) => GenerationParams;
  /** Puts the answers of several models side by side. @default one model is asked */
  readonly comparison?: Comparison;
  /** Whether an answer is a list of objects, of which each becomes a row. */
  readonly hasList: boolean;
  /** What the first step is called, where there are several. @default there is one step */
  readonly name?: string;
  /** The steps behind the first, in their order. @default none */
  readonly later?: readonly StepOptions[];
  /** How options are understood, where a person may have meant something else. */
  readonly notes: readonly string[];
}

/** The options of a later step made ready for a run. */
export interface StepOptions extends RunOptions {
  readonly name: string;
}
