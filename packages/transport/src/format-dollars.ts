/** Dollars as a person reads them: `$12.50`, with more digits the smaller they are. */
export function formatDollars(dollars: number): string {
  const size = Math.abs(dollars);
  const maximumFractionDigits = size >= 100 || size === 0 ? 2 : size >= 0.01 ? 4 : 8;
  return `$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits })}`;
}
