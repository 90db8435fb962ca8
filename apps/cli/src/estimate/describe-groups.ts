import { counted } from "@parallel-parrot/core";
import { formatDollars } from "@parallel-parrot/transport";
import { formatCount } from "../terminal/format-count.ts";
import type { GroupEstimate } from "./estimate-result.ts";

/** What several rows to a request save. Where what they share is shorter than the marks around them, they cost more. */
export function describeGroups({ rowsPerRequest, requests, inputTokens, cost }: GroupEstimate): string {
  const money = cost === null ? "" : `, ${formatDollars(Math.abs(cost))} ${cost >= 0 ? "less" : "more"}`;
  const tokens = `${formatCount(Math.abs(inputTokens))} input tokens ${inputTokens >= 0 ? "fewer" : "more"}`;
  return `${counted(rowsPerRequest, "row")} to a request: about ${counted(requests, "request")} fewer, ${tokens}${money}`;
}
