import type { Output } from "@parallel-parrot/core";
import { unusable } from "./unusable.ts";

/**
 * The answer as it is, without the spaces around it, in one column. What the token limit cut off is kept, with
 * a warning.
 */
export function text<const Column extends string = "output">(
  column?: Column,
): Output<{ [K in Column]: string }> {
  const name = column ?? "output";
  return {
    shape: { type: "text" },
    columns: [name],
    read(choice) {
      const output = { [name]: choice.text.trim() } as { [K in Column]: string };
      return (
        unusable(choice) ?? {
          ok: true,
          outputs: [output],
          warnings:
            choice.finishReason === "length"
              ? [{ code: "TRUNCATED", message: "The token limit cut the text off" }]
              : [],
        }
      );
    },
  };
}
