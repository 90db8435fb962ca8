import { estimateTotal } from "./estimate-total.ts";
import type { GroupEstimate } from "./estimate-result.ts";
import type { RowUsage, SampleUsage } from "./sample-usage.ts";

/**
 * What asking several rows at a time saves; `null` where each is asked alone.
 *
 * @param total the rows that are asked
 */
export function estimateGroups(
  { rows, alone }: Pick<SampleUsage, "rows" | "alone">,
  { total, rowsPerRequest }: { readonly total: number; readonly rowsPerRequest: number },
): GroupEstimate | null {
  if (alone === undefined) return null;
  const saved = (value: (row: RowUsage) => number): number =>
    estimateTotal(alone.map(value), total).estimate - estimateTotal(rows.map(value), total).estimate;
  const isPriced = rows.every(({ cost }) => cost !== undefined);
  return {
    rowsPerRequest,
    requests: Math.round(saved(({ usage }) => usage.requests)),
    inputTokens: Math.round(saved(({ usage }) => usage.inputTokens)),
    cost: isPriced ? saved(({ cost }) => cost ?? 0) : null,
  };
}
