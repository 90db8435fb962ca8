/** A number with its noun, for a message: `1 row`, `12,345 rows`. A verb may go with the noun: `1 row was`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
