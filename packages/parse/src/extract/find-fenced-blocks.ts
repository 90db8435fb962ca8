/** A stretch of a text that may hold JSON. */
export interface Block {
  /** The content alone. */
  readonly text: string;
  /** Where the block begins and ends in the whole text, fences included. */
  readonly start: number;
  readonly end: number;
  readonly isFenced: boolean;
}

/**
 * A fence with what it says of its content: a language, a title, attributes in braces. Each character can be matched in
 * one way only, so that a line that is none takes linear time.
 */
const OPENING = /^\s*(`{3,}(?!`)|~{3,}(?!~))[^`{[]*(?:\{[^"'`:{}]*\}[^`{[]*)?$/;
const CLOSING = /^\s*(`{3,}|~{3,})\s*$/;

/**
 * The Markdown code blocks that begin like JSON; the whole text as one block where there are none. The last
 * block may lack its end.
 */
export function findFencedBlocks(text: string): Block[] {
  const whole: Block = { text, start: 0, end: text.length, isFenced: false };
  // Inside JSON a fence is part of a string.
  if (startsLikeJson(text)) return [whole];
  const blocks: Block[] = [];
  let open: { readonly fence: string; readonly start: number; readonly inside: number } | undefined;
  let start = 0;
  for (const line of text.split("\n")) {
    const end = start + line.length;
    const fence = (open === undefined ? OPENING : CLOSING).exec(line)?.[1];
    if (fence !== undefined && open === undefined) {
      open = { fence, start, inside: end + 1 };
    } else if (fence !== undefined && open !== undefined && fence.startsWith(open.fence)) {
      blocks.push({ text: text.slice(open.inside, start), start: open.start, end, isFenced: true });
      open = undefined;
    }
    start = end + 1;
  }
  if (open !== undefined)
    blocks.push({ text: text.slice(open.inside), start: open.start, end: text.length, isFenced: true });
  const likeJson = blocks.filter((block) => startsLikeJson(block.text));
  return likeJson.length === 0 ? [whole] : joined(likeJson, text);
}

/** Blocks with nothing but spaces, or the number of a list item, between them are one: one value was put into each. */
function joined(blocks: readonly Block[], text: string): Block[] {
  const all: Block[] = [];
  for (const block of blocks) {
    const last = all.at(-1);
    if (last === undefined || !/^\s*(?:\d{1,4}[.)]\s*|[-*•]\s*)?$/.test(text.slice(last.end, block.start)))
      all.push(block);
    else all.splice(-1, 1, { ...last, text: `${last.text}\n${block.text}`, end: block.end });
  }
  return all;
}

function startsLikeJson(text: string): boolean {
  return /^\s*(?:[{[｛［]|"\s*[{[])/.test(text);
}
