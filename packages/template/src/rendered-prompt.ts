import type { Prompted, Row } from "@parallel-parrot/core";
import type { ShortCells } from "./short-cells.ts";

/** The prompt of a row, and what is worth telling of it. */
export type RenderedPrompt = Pick<Prompted, "prompt" | "warnings">;

/** Renders a row's prompt, from its cells as they are or shorter. */
export type Render<R extends Row> = (row: R, index: number, cells?: ShortCells<R>) => RenderedPrompt;
