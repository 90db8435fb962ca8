import type { Prompted } from "@parallel-parrot/core";

/** The prompt of a row, and its warnings. */
export type RenderedPrompt = Pick<Prompted, "prompt" | "warnings">;
