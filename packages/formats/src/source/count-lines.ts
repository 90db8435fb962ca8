/** How many line feeds a text has. */
export function countLineFeeds(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/** How many ends of lines a text has: line feeds, carriage returns, or one with the other. */
export function countLineEnds(text: string): number {
  return text.includes("\r") ? (text.match(/\r\n|\n|\r/g)?.length ?? 0) : countLineFeeds(text);
}
