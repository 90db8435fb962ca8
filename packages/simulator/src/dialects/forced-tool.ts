import type { SimShape } from "../dialect.ts";

/** A tool that a model may call. */
export interface Tool {
  readonly name: string;
  /** The schema of its arguments; a value that is not a schema allows any object. */
  readonly schema: unknown;
}

/**
 * The shape of an answer that must call a tool.
 *
 * @param wanted The name of a tool, `true` for any tool, `undefined` if no call is forced.
 * @returns `undefined` if no call is forced or there is no such tool.
 */
export function shapeOfTool(
  tools: readonly Tool[],
  wanted: string | boolean | undefined,
): SimShape | undefined {
  if (wanted === undefined || wanted === false) return undefined;
  const tool = wanted === true ? tools[0] : tools.find(({ name }) => name === wanted);
  if (tool === undefined) return undefined;
  return { type: "jsonSchema", schema: tool.schema ?? { type: "object" }, tool: tool.name };
}
