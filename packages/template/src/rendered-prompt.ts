import type { Prompted, Row } from "@parallel-parrot/core";
import type { ShortCells } from "./short-cells.ts";

/** The prompt of a row, and its warnings. */
export type RenderedPrompt = Pick<Prompted, "prompt" | "warnings">;

/** Renders the prompt of a row, with its cells as they are or with shorter ones. */
export type Render<R extends Row> = (row: R, index: number, cells?: ShortCells<R>) => RenderedPrompt;
