/** A total over all rows, estimated from a sample, with its 95 % confidence interval. */
export interface TotalEstimate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % quantiles of Student's t by degrees of freedom, from 1. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const Z_95 = 1.959964;

/**
 * Estimates the total over `total` rows from the values of some of them: Student's t with the finite population
 * correction, so that a sample of all rows is exact. The interval never begins below the sum of the sample, which is
 * known. One value alone tells nothing of the spread, so that its interval has no upper end.
 */
export function estimateTotal(values: readonly number[], total: number): TotalEstimate {
  const count = values.length;
  const sum = values.reduce((sum, value) => sum + value, 0);
  if (count === 0) return { estimate: 0, low: 0, high: 0 };
  const mean = sum / count;
  const estimate = mean * total;
  if (count >= total) return { estimate: sum, low: sum, high: sum };
  if (count === 1) return { estimate, low: sum, high: Number.POSITIVE_INFINITY };
  const squares = values.reduce((squares, value) => squares + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (count - 1));
  const standardError = (total * deviation * Math.sqrt(1 - count / total)) / Math.sqrt(count);
  const margin = quantile(count - 1) * standardError;
  return { estimate, low: Math.max(sum, estimate - margin), high: estimate + margin };
}

/** Beyond the table, the first terms of Hill's series are right to three digits. */
function quantile(freedom: number): number {
  return T_95[freedom - 1] ?? Z_95 + (Z_95 ** 3 + Z_95) / (4 * freedom);
}
