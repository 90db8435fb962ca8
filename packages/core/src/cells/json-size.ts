/**
 * Values in one piece of JSON, at most. Each takes some 60 to 100 bytes once it is read, though two characters can
 * write it: 32 MiB of `{},` take 1.3 GB and half a minute. No model writes so many.
 */
export const MAX_JSON_VALUES = 500_000;

const [QUOTE, BACKSLASH, COMMA, LIST, OBJECT] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/**
 * Whether a text has more values than {@linkcode MAX_JSON_VALUES}, told by its commas and opening brackets before
 * anything of it is read.
 *
 * @param isJson whether it is JSON and nothing else, so that what stands between quotes is text; where it may be
 * almost JSON, commas and brackets of texts are counted too
 */
export function hasTooManyValues(text: string, isJson: boolean): boolean {
  // Each needs a sign.
  if (text.length <= MAX_JSON_VALUES) return false;
  let count = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isText) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isText = false;
    } else if (code === COMMA || code === LIST || code === OBJECT) {
      count += 1;
      if (count > MAX_JSON_VALUES) return true;
    } else if (isJson && code === QUOTE) isText = true;
  }
  return false;
}
