const QUOTE = `["'“”„＂]`;
const VALUE = String.raw`(?:["'“”„＂{[｛［]|-?\d|(?:true|false|null|True|False|None)\b)`;
/** A key in quotes, a colon and the beginning of a value; or a bare key after a bracket or comma, and a string. */
const DATA = new RegExp(
  String.raw`${QUOTE}\s*[:：]\s*${VALUE}|[{,｛，]\s*[\p{L}_$][\w$-]*\s*[:：]\s*${QUOTE}`,
  "u",
);
/** The rest of an object, perhaps after a comma. */
const CONTINUED = new RegExp(
  String.raw`^[\s,，]*${QUOTE}[^"'“”＂\n]{1,100}${QUOTE}\s*[:：]\s*${VALUE}|^\s*[,，]\s*[\p{L}_$][\w$-]*\s*[:：]\s*${QUOTE}`,
  "u",
);

/** Whether a text has a part of JSON in it: a key with its value, which prose hardly ever has. */
export function looksLikeData(text: string): boolean {
  return DATA.test(text);
}

/** Whether a text begins like the rest of an object that was closed too early. */
export function beginsLikeData(text: string): boolean {
  return CONTINUED.test(text);
}

/** A reference to a source, such as `[12]` or `[1, 2]`, or a heading, such as `[Answer]` or `[TOOL_CALLS]`. */
const NOTE = /^\[(?:\d[\d\s,]{0,30}|(?!(?:true|false|null)\])\p{L}[\p{L}_ ]{0,30})\]/iu;

/** Whether a note of prose in square brackets stands at a place of a text. */
export function isNoteAt(text: string, at: number): boolean {
  return NOTE.test(text.slice(at, at + 40));
}

/** Whether there is more in a text than marks and spaces. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
