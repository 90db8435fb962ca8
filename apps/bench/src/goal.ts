/** A figure, the goal it has, and whether it is met. */
export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit: string;
}

function isMet({ value, atLeast = -Infinity, atMost = Infinity }: Goal): boolean {
  return value >= atLeast && value <= atMost;
}

/** One line: the figure, its goal, met or not. */
export function formatGoal(goal: Goal): string {
  const { what, value, atLeast, atMost, unit } = goal;
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return `  ${isMet(goal) ? "met    " : "not met"}  ${what}: ${formatNumber(value)} ${unit} (goal ${bound})`;
}

/** Three digits are as many as a measurement has. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value.toFixed(2);
}
