/** About how many characters a browser lays out at once. */
export const PIECE = 4000;

/** A long text in pieces, of which the browser lays out those that are in view: each ends with a line, or else a word. */
export function pieces(text: string): readonly string[] {
  const found: string[] = [];
  for (let from = 0; from < text.length;) {
    const end = from + PIECE >= text.length ? text.length : endOf(text, from, from + PIECE);
    found.push(text.slice(from, end));
    from = end;
  }
  return found;
}

function endOf(text: string, from: number, most: number): number {
  for (const end of ["\n", " "]) {
    const at = text.lastIndexOf(end, most);
    if (at > from) return at + 1;
  }
  // Half a surrogate pair is no character.
  return /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most;
}
