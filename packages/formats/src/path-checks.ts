import { expecting, type OptionCheck } from "@parallel-parrot/core";

/** Whether a value can be the path of a file. */
export function isPath(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || value instanceof URL;
}

export const aPath: OptionCheck = expecting("a path or a file URL", isPath);
