import type { Output } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import type { PromptTemplate } from "@parallel-parrot/template";
import type { GenerateOptions } from "../flags/options.ts";

/** The options of a job made ready for a run: the provider, the prompt and the output are built from them. */
export interface RunOptions extends Omit<GenerateOptions, "prompt" | "onFailure"> {
  readonly provider: Provider;
  readonly prompt: PromptTemplate;
  readonly wanted: Output;
  readonly outputPath: string;
  readonly onFailure: "drop" | "null" | "stop";
  /** How options are understood, where a person may have meant something else. */
  readonly notes: readonly string[];
}
