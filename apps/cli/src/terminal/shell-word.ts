/** What a shell takes as it is. */
const PLAIN = /^[\w./:@%+,=-]+$/;
/** What does something to a terminal, or to the direction of text. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const EACH_CONTROL = new RegExp(CONTROL, "gu");

/** A word as a shell takes it, whatever is in it; safe to show on a terminal. */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = text
    .replaceAll(/[\\']/g, String.raw`\$&`)
    .replaceAll(EACH_CONTROL, (character) => escapeOf(character));
  return `$'${escaped}'`;
}

function escapeOf(character: string): string {
  if (character === "\n") return String.raw`\n`;
  if (character === "\t") return String.raw`\t`;
  return String.raw`\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
}
