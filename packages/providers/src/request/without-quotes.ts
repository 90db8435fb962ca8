/** A text without the space around it, and without the quotes that were copied along with it from a file or a shell. */
export function withoutQuotes(text: string): string {
  const bare = text.trim();
  const [, inner = bare] =
    /^(?:"(.*)"|'(.*)'|“(.*)”)$/s.exec(bare)?.filter((part) => part !== undefined) ?? [];
  return inner.trim();
}
