/** What messages call the row at a 0-based position: people count from 1, so the first one is `row 1`. */
export function rowName(index: number): string {
  return `row ${index + 1}`;
}
