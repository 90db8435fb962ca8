/**
 * How many UTF-16 code units before a cut are looked at. A longer sequence that a reader sees as one character, such as
 * a letter with hundreds of accents, may be cut inside.
 */
const MAX_SIGN = 512;
const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * The beginning of a text, in at most so many UTF-16 code units. What a reader sees as one character is not cut in
 * half: a surrogate pair, a letter and its accents, an emoji made of several code points. The time does not grow with
 * the text.
 */
export function cutText(text: string, characters: number): string {
  return text.length <= characters ? text : text.slice(0, boundaryBefore(text, characters));
}

function boundaryBefore(text: string, at: number): number {
  if (at <= 0) return 0;
  const start = startBefore(text, at);
  // Whether characters end here depends on what comes before and on the one code point behind.
  const sign = GRAPHEMES.segment(text.slice(start, at + 2)).containing(at - start);
  if (sign !== undefined && (sign.index > 0 || start === 0)) return start + sign.index;
  return isInsidePair(text, at) ? at - 1 : at;
}

/**
 * Where to begin looking for the end of a character. A flag is a pair of letters: in a row of flags, which letters are
 * a pair depends on where the row begins.
 */
function startBefore(text: string, at: number): number {
  let start = Math.max(0, at - MAX_SIGN);
  if (isInsidePair(text, start)) start -= 1;
  if (!isFlagLetter(text, start)) return start;
  let before = 0;
  while (isFlagLetter(text, start - 2 * (before + 1))) before += 1;
  return start - 2 * (before % 2);
}

function isInsidePair(text: string, at: number): boolean {
  return isBetween(text.charCodeAt(at), 0xdc00, 0xdfff) && isBetween(text.charCodeAt(at - 1), 0xd800, 0xdbff);
}

/** Whether there is one of the regional indicator letters, of which two make a flag. */
function isFlagLetter(text: string, at: number): boolean {
  return isBetween(text.codePointAt(at) ?? 0, 0x1f1e6, 0x1f1ff);
}

function isBetween(code: number, first: number, last: number): boolean {
  return code >= first && code <= last;
}
