const OPENING = /^\s*(?:`{3,}|~~~)[^`{[]*$/;
const CLOSING = /^\s*(?:`{3,}|~~~+)\s*$/;

/**
 * The contents of the Markdown code blocks that begin like JSON; the whole text where there are none. The
 * last block may lack its end.
 */
export function findFencedBlocks(text: string): string[] {
  // Inside JSON a fence is part of a string.
  if (startsLikeJson(text)) return [text];
  const blocks: string[][] = [];
  let block: string[] | undefined;
  for (const line of text.split("\n")) {
    if (block === undefined) {
      if (!OPENING.test(line)) continue;
      block = [];
      blocks.push(block);
    } else if (CLOSING.test(line)) {
      block = undefined;
    } else {
      block.push(line);
    }
  }
  const contents = blocks.map((lines) => lines.join("\n")).filter(startsLikeJson);
  return contents.length === 0 ? [text] : contents;
}

function startsLikeJson(text: string): boolean {
  return /^\s*[{[]/.test(text);
}
