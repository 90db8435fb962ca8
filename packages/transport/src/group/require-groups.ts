import { ParrotError } from "@parallel-parrot/core";
import type { ResolvedOptions } from "../options.ts";

/**
 * Refuses to ask several rows at a time where that cannot be, before anything is sent.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function requireGroups(options: ResolvedOptions): void {
  const { rowsPerRequest, n, stop = [], batch = false, output, requestOutput } = options;
  if (rowsPerRequest === 1) return;
  if (n > 1)
    throw unusable(
      `n is ${n}, and answers of one row are counted only where it is asked alone. Leave one of them out`,
    );
  if (batch !== false)
    throw unusable(
      "requests go through the provider's batches, which ask for each row. Leave one of them out",
    );
  if (stop.length > 0)
    throw unusable("stop would end the answers of all rows with that of one. Leave one of them out");
  if ((requestOutput ?? output)?.grouped === undefined)
    throw unusable(
      "the output has no form for several rows. Make it with text, objectOf or listOf, and without a column for thoughts, as a model thinks of all rows at once",
    );
}

function unusable(why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use the option rowsPerRequest: ${why}`, {
    option: "rowsPerRequest",
  });
}
