/** Dollars as a person reads them: `$12.50`, `$0.0271`, `$0.00326`. */
export function formatDollars(dollars: number): string {
  const size = Math.abs(dollars);
  const shown = size < 0.01 ? Number(dollars.toPrecision(3)) : dollars;
  const maximumFractionDigits = size >= 100 || size === 0 ? 2 : size >= 0.01 ? 4 : 15;
  return `$${shown.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits })}`;
}
