/** About how many bytes a cell takes. */
export function sizeOfCell(cell: unknown): number {
  return typeof cell === "string" || cell instanceof Uint8Array ? cell.length : 8;
}
