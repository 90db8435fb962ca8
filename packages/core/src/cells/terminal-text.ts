/**
 * Control characters, which move the cursor, set the title or write to the clipboard; the line breaks of Unicode; and
 * marks that turn the direction of text, which make it look like another.
 */
const UNSAFE = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;
const UNSAFE_RUN = new RegExp(`${UNSAFE.source}+`, "gu");

/**
 * Text of rows and models made fit for a terminal: what may do more than be shown is shown as U+FFFD. Line breaks and
 * tabs stay.
 */
export function terminalText(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(UNSAFE, (mark) => (isLayout(mark) ? mark : "\uFFFD"));
}

/** The same for JSON, in which such a character is written as an escape: it stays the same JSON. */
export function terminalJson(json: string): string {
  return json.replaceAll(UNSAFE, (mark) =>
    isLayout(mark) ? mark : String.raw`\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same in one line: such characters, line breaks and tabs too, are a space. */
export function terminalLine(text: string): string {
  return text.replaceAll(UNSAFE_RUN, " ");
}

function isLayout(character: string): boolean {
  return character === "\n" || character === "\t";
}
