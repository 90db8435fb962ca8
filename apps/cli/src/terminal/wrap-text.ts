import stringWidth from "string-width";

const characters = new Intl.Segmenter();

/**
 * A text in lines of at most `width` columns of a terminal. It breaks between words, and within a word that is wider
 * than a line; its own line breaks stay.
 */
export function wrapText(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, width));
}

function wrapLine(line: string, width: number): readonly string[] {
  if (stringWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(/(?<= )/).flatMap((word) => piecesOf(word, width))) {
    if (stringWidth(`${current}${word}`.trimEnd()) <= width) current += word;
    else {
      lines.push(current.trimEnd());
      current = word;
    }
  }
  return [...lines, current.trimEnd()];
}

/** A word that is wider than a line, in pieces that are not. The cut is between characters as a person sees them. */
function piecesOf(word: string, width: number): readonly string[] {
  if (stringWidth(word.trimEnd()) <= width) return [word];
  const pieces: string[] = [];
  let piece = "";
  for (const { segment } of characters.segment(word)) {
    if (piece !== "" && stringWidth(piece + segment) > width) {
      pieces.push(piece);
      piece = "";
    }
    piece += segment;
  }
  return [...pieces, piece];
}
