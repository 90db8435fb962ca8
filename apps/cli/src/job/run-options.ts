import type { Output } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import type { PromptTemplate } from "@parallel-parrot/template";
import type { GenerateOptions } from "../flags/options.ts";

/** Everything that a run needs. */
export interface RunOptions extends Omit<GenerateOptions, "prompt" | "onFailure"> {
  readonly provider: Provider;
  readonly prompt: PromptTemplate;
  readonly wanted: Output;
  readonly outputPath: string;
  readonly onFailure: "drop" | "null" | "stop";
}
