/** The name of a table or column in SQL, whatever it is made of. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
