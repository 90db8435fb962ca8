import { counted } from "@parallel-parrot/core";
import { formatDollars, type ModelProgress } from "@parallel-parrot/transport";
import { describeAmendments } from "./describe-amendments.ts";

/** What each model has taken that rows have chosen; nothing where there is one model for all. */
export function describeModels(models: readonly ModelProgress[]): readonly string[] {
  return models.map(({ provider, model, usage, cost, amendments }) => {
    const { requests, inputTokens, outputTokens } = usage;
    const money = cost === undefined ? "" : `; ${formatDollars(cost)}`;
    const refused = describeAmendments(amendments);
    const without = refused.length === 0 ? "" : `; refused: ${refused.join("; ")}`;
    return `  ${provider}/${model}: ${counted(requests, "request")}, ${counted(inputTokens, "input token")}, ${counted(outputTokens, "output token")}${money}${without}`;
  });
}
