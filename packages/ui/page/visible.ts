/** Controls of a terminal, and marks by which a text would be shown in another order than it has. */
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;

/** A text in which nothing is hidden: what has no form of its own is named in its place. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    return `⟦${code === 0x1b ? "ESC" : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`}⟧`;
  });
}
