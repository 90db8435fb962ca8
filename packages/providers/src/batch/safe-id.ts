/**
 * An id that a server gave, if it can stand in the path of a URL as it is; else `undefined`, as if it had given none. So
 * no response can lead a request to another path.
 */
export function safeId(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w:=+~-][\w.:=+~-]{0,2047}$/.test(value) ? value : undefined;
}
