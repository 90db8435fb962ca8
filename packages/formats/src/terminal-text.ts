/**
 * Control characters, which move the cursor, set the title or write to the clipboard, and marks that turn the
 * direction of text, which make it look like another. Line breaks and tabs stay.
 */
const UNSAFE = /(?![\n\t])[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Text of rows and models made fit for a terminal: what may do more than be shown is shown as U+FFFD. */
export function terminalText(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(UNSAFE, "\uFFFD");
}
